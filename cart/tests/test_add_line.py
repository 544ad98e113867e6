from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from cart.editing import MAX_SUBMISSIONS
from cart.freezing import MAX_LINES
from cart.models import Order, OrderLine, State
from store.models import Item
from tests.support.carts import add, fill_cart


def test_adds_item_to_a_new_order(client: Client, item: Item) -> None:
    answer = add(client, item)
    assert (answer.status_code, answer["Location"]) == (303, "/order?added")
    again = client.get("/order?added")
    assert (again.status_code, again["Location"]) == (303, "/order")
    line = OrderLine.objects.get()
    assert (line.quantity, line.unit_amount, line.order.state) == (1, 1999, State.CART)
    assert Session.objects.count() == 1


def test_without_javascript_the_cart_says_that_the_cookie_was_refused(item: Item) -> None:
    answer = add(Client(), item)
    page = Client().get(answer["Location"]).content.decode()
    assert "Your browser refused the cookie that a cart needs." in page
    assert "Your cart is empty." in page
    assert "refused the cookie" not in Client().get("/order").content.decode()


def test_adding_again_raises_the_quantity_of_the_one_line(client: Client, item: Item) -> None:
    add(client, item, quantity=2)
    assert add(client, item, quantity=3)["Location"] == "/order"
    assert OrderLine.objects.get().quantity == 5


def test_a_repeated_submission_adds_once(client: Client, item: Item) -> None:
    for submission_id in ("a", "a", "b", "a"):  # b comes from another tab
        add(client, item, submission_id=submission_id)
    assert OrderLine.objects.get().quantity == 2


def test_a_repeated_submission_adds_nothing_after_the_line_was_removed(
    client: Client, item: Item
) -> None:
    add(client, item, submission_id="a")
    client.post(f"/order/lines/{OrderLine.objects.get().pk}/remove")
    add(client, item, submission_id="a")
    assert not OrderLine.objects.exists()


def test_a_cart_remembers_its_last_submissions(client: Client, item: Item) -> None:
    for number in range(MAX_SUBMISSIONS + 1):
        add(client, item, submission_id=str(number))
    assert Order.objects.get().submission_ids == [str(n + 1) for n in range(MAX_SUBMISSIONS)]


def test_htmx_gets_the_form_the_badge_and_an_announcement(client: Client, item: Item) -> None:
    answer = add(client, item, htmx=True)
    fragment = answer.content.decode()
    assert answer.status_code == 200
    assert answer["X-Fragment"]
    assert "<html" not in fragment
    assert f'id="add-{item.pk}"' in fragment
    assert 'id="cart-badge"' in fragment
    assert "Stoneware mug added. In the cart: 1." in fragment


def test_the_form_is_the_one_that_was_sent(client: Client, item: Item) -> None:
    """A card of the list has no quantity, the page of the item has one."""
    field = f'id="quantity-{item.pk}" name="quantity"'
    assert field not in add(client, item, htmx=True).content.decode()
    assert field in add(client, item, htmx=True, quantity=2).content.decode()
    assert field in client.get(f"/item/{item.pk}").content.decode()
    assert field not in client.get("/").content.decode()


def test_another_currency_goes_to_another_order(client: Client, make_item: Any) -> None:
    for currency in ("USD", "EUR", "USD"):
        add(client, make_item(currency=currency))
    assert sorted(Order.objects.values_list("currency", flat=True)) == ["EUR", "USD"]


@pytest.mark.parametrize("quantity", ["-1", "0", "1.5", "abc", "1e2", "١", 10**30, 1000])
@pytest.mark.parametrize("htmx", [True, False])
def test_a_wrong_quantity_is_422_with_a_message(
    client: Client, item: Item, quantity: Any, htmx: bool
) -> None:
    answer = add(client, item, htmx=htmx, quantity=quantity)
    assert answer.status_code == 422
    assert "must be a whole number from 1 to 999" in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("htmx", [True, False])
def test_more_than_the_stock_is_409_and_changes_nothing(
    client: Client, make_item: Any, htmx: bool
) -> None:
    item = make_item(stock=2)
    add(client, item, quantity=2)
    answer = add(client, item, htmx=htmx)
    assert ("X-Fragment" in answer) == htmx
    assert "Only 2 left. In your cart: 2." in answer.content.decode()
    page = add(client, make_item(stock=3), quantity=4, htmx=htmx).content.decode()
    assert "Only 3 left." in page
    assert "Only 3 left. In" not in page
    assert "sold out" in add(client, make_item(stock=0), htmx=htmx).content.decode()
    assert OrderLine.objects.get().quantity == 2


@pytest.mark.parametrize("htmx", [True, False])
def test_a_line_after_the_hundredth_is_422(client: Client, make_item: Any, htmx: bool) -> None:
    fill_cart(client, {make_item(): 1 for _ in range(MAX_LINES)})
    answer = add(client, make_item(), htmx=htmx)
    assert answer.status_code == 422
    assert "at most 100 different items" in answer.content.decode()
    assert OrderLine.objects.count() == MAX_LINES
    add(client, OrderLine.objects.latest("pk").item)
    assert OrderLine.objects.latest("pk").quantity == 2


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("number", [404404, 0])
def test_unknown_item_is_404(client: Client, db: None, number: int, htmx: bool) -> None:
    answer = add(client, number, htmx=htmx)
    assert answer.status_code == 404
    assert "isn’t for sale" in answer.content.decode()


def test_unlisted_item_is_404(client: Client, make_item: Any) -> None:
    assert add(client, make_item(is_listed=False)).status_code == 404


def test_get_redirects_to_the_cart_and_adds_nothing(client: Client, item: Item) -> None:
    for answer in (client.get("/order/lines", {"item": item.pk}), client.head("/order/lines")):
        assert (answer.status_code, answer["Location"]) == (303, "/order")
    assert client.put("/order/lines").status_code == 405
    assert not Order.objects.exists()
