from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.copies import supersede
from cart.models import OrderLine
from store.models import Item
from tests.support.carts import HTMX, add


@pytest.fixture
def line(client: Client, item: Item) -> OrderLine:
    add(client, item, quantity=2)
    return OrderLine.objects.get()


def update(client: Client, line: OrderLine, quantity: Any, **headers: str) -> Any:
    return post(client, line, headers, quantity=quantity)


def post(
    client: Client, line: OrderLine, headers: dict[str, str] | None = None, **fields: Any
) -> Any:
    return client.post(f"/order/lines/{line.pk}", fields, headers=headers)


def quantity_of(line: OrderLine) -> int:
    line.refresh_from_db()
    return line.quantity


def test_sets_the_quantity(client: Client, line: OrderLine) -> None:
    answer = update(client, line, 5)
    assert (answer.status_code, answer["Location"]) == (303, "/order")
    line.refresh_from_db()
    assert line.quantity == 5


def test_htmx_gets_cart_badge_and_one_announcement(client: Client, line: OrderLine) -> None:
    fragment = update(client, line, 3, **HTMX).content.decode()
    assert '<div id="cart"' in fragment
    assert '<span id="count-3" class="count">3<' in fragment
    assert "Your cart: 3 items, $59.97." in fragment
    assert fragment.count('id="announcement"') == 1
    assert "<html" not in fragment


def test_zero_removes_the_line(client: Client, line: OrderLine) -> None:
    assert "Your cart is empty." in update(client, line, 0, **HTMX).content.decode()
    assert not OrderLine.objects.exists()


@pytest.mark.parametrize("text", ["-1", "1.5", "abc", str(10**30), "", "2147483648", "1000", " "])
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_wrong_quantity_is_422_and_stays_in_its_field(
    client: Client, line: OrderLine, text: str, headers: dict[str, str]
) -> None:
    answer = update(client, line, text, **headers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "must be a whole number from 0 to 999" in page
    assert f'value="{text}" aria-invalid="true"' in page
    assert f'aria-describedby="quantity-error-USD-{line.item_id}"' in page
    line.refresh_from_db()
    assert line.quantity == 2


def test_a_wrong_quantity_is_shown_at_its_own_line_only(
    client: Client, line: OrderLine, make_item: Any
) -> None:
    other = make_item(name="Pot")
    add(client, other)
    page = update(client, line, "abc").content.decode()
    assert page.count('aria-invalid="true"') == 1
    assert page.count("must be a whole number from 0 to 999") == 1
    assert f'id="quantity-error-USD-{other.pk}" data-message\n></p>' in page


def test_more_than_the_stock_is_422_but_fewer_is_always_possible(
    client: Client, line: OrderLine
) -> None:
    Item.objects.update(stock=1)
    assert "Only 1 left." in update(client, line, 3).content.decode()
    assert update(client, line, 1).status_code == 303


def test_another_buyers_line_is_404_and_does_not_change(client: Client, line: OrderLine) -> None:
    for path in (f"/order/lines/{line.pk}", f"/order/lines/{line.pk}/remove"):
        answer = Client().post(path, {"quantity": 9})
        assert answer.status_code == 404
        assert "Your browser doesn’t know your cart any more." in answer.content.decode()
    line.refresh_from_db()
    assert line.quantity == 2


def test_removes_the_line(client: Client, line: OrderLine) -> None:
    assert client.post(f"/order/lines/{line.pk}/remove").status_code == 303
    assert not OrderLine.objects.exists()


def test_a_line_that_another_tab_removed_shows_the_cart_as_it_is(
    client: Client, line: OrderLine
) -> None:
    OrderLine.objects.all().delete()
    answer = update(client, line, 3, **HTMX)
    assert answer.status_code == 404
    assert '<div id="cart"' in answer.content.decode()


@pytest.mark.parametrize("end", ["", "/remove"])
def test_get_redirects_to_the_cart_and_changes_nothing(
    client: Client, line: OrderLine, end: str
) -> None:
    path = f"/order/lines/{line.pk}{end}"
    for answer in (client.get(path, {"quantity": 9}), client.head(path)):
        assert (answer.status_code, answer["Location"]) == (303, "/order")
    assert client.put(path).status_code == 405
    line.refresh_from_db()
    assert line.quantity == 2


def test_plus_and_minus_change_what_is_stored(client: Client, line: OrderLine) -> None:
    update(client, line, 10)  # in another tab
    assert post(client, line, change=1).status_code == 303
    assert quantity_of(line) == 11
    post(client, line, change=-1)
    assert quantity_of(line) == 10


def test_one_less_than_one_removes_the_line(client: Client, line: OrderLine) -> None:
    for _ in range(2):
        post(client, line, change=-1)
    assert not OrderLine.objects.exists()


@pytest.mark.parametrize("fields", [{"change": 1}, {"quantity": 3, "was": 2}])
def test_a_repeated_submission_changes_once(
    client: Client, line: OrderLine, fields: dict[str, Any]
) -> None:
    for _ in ("lost answer", "retry"):
        assert post(client, line, submission_id="a", **fields).status_code == 303
    assert quantity_of(line) == 3


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_quantity_that_changed_meanwhile_is_shown_first(
    client: Client, line: OrderLine, headers: dict[str, str]
) -> None:
    update(client, line, 10)
    answer = post(client, line, headers, quantity=3, was=2)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The quantity was changed meanwhile: it is 10 now." in page
    assert 'name="was" value="10"' in page
    assert quantity_of(line) == 10
    assert post(client, line, headers, quantity=3, was=10).status_code in (200, 303)
    assert quantity_of(line) == 3


def test_a_quantity_that_is_stored_already_is_no_conflict(client: Client, line: OrderLine) -> None:
    """Enter in the field sends it twice: as a change of the field and as a submission."""
    for _ in range(2):
        assert post(client, line, quantity=3, was=2).status_code == 303


@pytest.mark.parametrize("fields", [{"change": 2}, {"change": "x"}, {"quantity": 3, "was": "x"}])
def test_a_wrong_change_is_422(client: Client, line: OrderLine, fields: dict[str, Any]) -> None:
    assert post(client, line, **fields).status_code == 422
    assert quantity_of(line) == 2


def test_one_more_than_the_stock_or_999_is_refused_beside_the_line(
    client: Client, line: OrderLine
) -> None:
    Item.objects.update(stock=2)
    page = post(client, line, HTMX, change=1).content.decode()
    message = "Only 2 left. In your cart: 2."
    assert f'id="quantity-error-USD-{line.item_id}" data-message\n>{message}</p>' in page
    assert 'value="2"' in page
    Item.objects.update(stock=None)
    update(client, line, 999)
    answer = post(client, line, change=1)
    assert answer.status_code == 422
    assert "You can have at most 999 of one item." in answer.content.decode()


@pytest.fixture
def superseded(line: OrderLine) -> OrderLine:
    """A line of an order that was superseded by the cart of today."""
    supersede(line.order, at=timezone.now())
    return line


def test_a_line_of_a_superseded_order_means_the_same_item_in_the_cart(
    client: Client, superseded: OrderLine
) -> None:
    assert post(client, superseded, change=1).status_code == 303
    assert quantity_of(superseded) == 2
    copy = OrderLine.objects.exclude(pk=superseded.pk).get()
    assert copy.quantity == 3
    post(client, superseded, quantity=3, was=3)
    answer = post(client, superseded, quantity=4, was=2)
    assert "it is 3 now" in answer.content.decode()
    assert client.post(f"/order/lines/{superseded.pk}/remove").status_code == 303
    assert not OrderLine.objects.filter(pk=copy.pk).exists()


@pytest.mark.parametrize("fields", [{"change": 1}, {"quantity": 2}])
def test_a_line_that_is_not_in_the_cart_any_more_shows_the_cart(
    client: Client, superseded: OrderLine, fields: dict[str, int]
) -> None:
    OrderLine.objects.exclude(pk=superseded.pk).delete()
    answer = client.post(f"/order/lines/{superseded.pk}", fields)
    assert answer.status_code == 404
    assert "Your cart has changed meanwhile" in answer.content.decode()
    assert OrderLine.objects.count() == 1


@pytest.mark.parametrize(
    ("end", "fields"), [("", {"change": -1}), ("", {"quantity": 0}), ("/remove", {})]
)
def test_a_second_press_removes_what_is_gone(
    client: Client, item: Item, superseded: OrderLine, end: str, fields: dict[str, int]
) -> None:
    OrderLine.objects.exclude(pk=superseded.pk).delete()
    for _press in ("superseded", "deleted"):
        answer = client.post(f"/order/lines/{superseded.pk}{end}", fields)
        assert (answer.status_code, answer["Location"]) == (303, "/order")
        OrderLine.objects.all().delete()
