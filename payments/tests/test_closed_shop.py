"""A closed shop: nothing can be added or bought, and payments that have begun still arrive."""

from typing import Any

import pytest
from django.test import Client

from cart.models import Order
from payments.models import Payment
from store.models import Item
from store.models.shop import CLOSED
from tests.support.answers import error_of
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.shop_row import edit_shop, main_of

JSON = {"Accept": "application/json"}


@pytest.fixture
def cart(client: Client, item: Item) -> Order:
    add(client, item)
    return Order.objects.get()


@pytest.fixture
def closed(cart: Order) -> None:
    edit_shop(is_closed=True)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/buy/{item}"),
        ("post", "/buy/{item}"),
        ("post", "/buy/{item}/intent"),
        ("get", "/order/buy"),
        ("post", "/order/buy"),
        ("post", "/order/intent"),
    ],
)
def test_nothing_can_be_bought(
    client: Client, item: Item, closed: None, local_stripe: LocalStripe, method: str, address: str
) -> None:
    answer = getattr(client, method)(address.format(item=item.pk), headers=JSON)
    assert error_of(answer, 409) == "shop_closed"
    assert answer.json()["error"]["message"] == CLOSED
    assert Order.objects.get().state == "cart"
    assert not Payment.objects.exists()


@pytest.mark.parametrize("address", ["/buy/{item}", "/order/buy"])
def test_a_plain_form_is_answered_with_the_page_and_the_sentence(
    client: Client, item: Item, closed: None, address: str
) -> None:
    answer = client.post(address.format(item=item.pk))
    assert answer.status_code == 409
    assert str(CLOSED) in main_of(answer.text)


@pytest.mark.parametrize("htmx", [True, False])
def test_nothing_can_be_added(client: Client, item: Item, closed: None, htmx: bool) -> None:
    answer = add(client, item, htmx=htmx)
    assert answer.status_code == 409
    assert str(CLOSED) in answer.text
    assert Order.objects.get().lines.get().quantity == 1


def test_pages_have_the_sentence_in_the_place_of_the_buttons(
    client: Client, item: Item, closed: None
) -> None:
    for address in ("/", f"/item/{item.pk}", "/order"):
        page = main_of(client.get(address).text)
        assert page.count(str(CLOSED)) == 1, address
        assert "Add to cart" not in page
        assert "data-buy-button" not in page
        assert "data-pay-here" not in page


def test_the_cart_can_still_be_edited(client: Client, closed: None) -> None:
    line = Order.objects.get().lines.get()
    client.post(f"/order/lines/{line.pk}/remove")
    assert not Order.objects.get().lines.exists()


def test_a_payment_that_has_begun_still_arrives(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    session = client.get(f"/buy/{item.pk}").json()["id"]
    edit_shop(is_closed=True)
    local_stripe.pay(session)
    order = Order.objects.get()
    client.get(f"/order/{order.token}/return")
    order.refresh_from_db()
    assert order.state == "paid"


def test_an_open_shop_sells_again(client: Client, closed: None, local_stripe: LocalStripe) -> None:
    edit_shop(is_closed=False)
    assert client.get("/order/buy").status_code == 200


def test_sentence_in_russian(client: Client, item: Item, closed: None) -> None:
    answer: Any = client.get(f"/buy/{item.pk}", headers={"Accept-Language": "ru"})
    assert "Магазин сейчас закрыт" in answer.json()["error"]["message"]
