"""What a refused Buy or "Pay here" of the cart says; the next press goes on."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Discount, OrderLine
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add, use_code
from tests.support.local_stripe import LocalStripe

JSON = {"Accept": "application/json"}
WAYS = pytest.mark.parametrize("way", ["/order/buy", "/order/intent"])


def shown_in(client: Client) -> dict[str, str]:
    """The fields of the form in the cart as it is now."""
    page = client.get("/order").content.decode()
    fingerprint = page.split('name="shown_fingerprint" value="')[1].split('"')[0]
    return {"currency": "USD", "shown_fingerprint": fingerprint, "code": ""}


def press(client: Client, way: str, shown: dict[str, str]) -> Any:
    return client.post(way, shown, headers=JSON)


def message_of(answer: Any, code: str, status: int = 409) -> str:
    assert error_of(answer, status) == code
    return str(answer.json()["error"]["message"])


@WAYS
def test_a_changed_price_names_the_new_total(
    client: Client, item: Item, local_stripe: LocalStripe, way: str
) -> None:
    add(client, item)
    shown = shown_in(client)
    Item.objects.update(price=Decimal(25))
    assert message_of(press(client, way, shown), "order_changed") == (
        "Your cart has changed: the total is $25.00 now. Check it, then pay."
    )
    assert press(client, way, shown_in(client)).status_code == 200


@WAYS
def test_an_ended_code_names_the_new_total(
    client: Client, item: Item, local_stripe: LocalStripe, way: str
) -> None:
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    use_code(client, "TEN")
    shown = shown_in(client)
    Discount.objects.update(ends_at=timezone.now())
    assert message_of(press(client, way, shown), "discount_refused") == (
        "This code has expired. The total is $19.99 now. Check it, then pay."
    )
    assert press(client, way, shown_in(client)).status_code == 200


def test_a_code_below_its_minimum_names_the_minimum(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="TEN", percent=Decimal(10), minimum_amount=2000, currency="USD")
    add(client, item, quantity=2)
    use_code(client, "TEN")
    shown = shown_in(client)
    client.post(f"/order/lines/{OrderLine.objects.get().pk}", {"change": -1})
    message = message_of(press(client, "/order/buy", shown), "discount_refused")
    assert message.startswith("This code needs an order of at least $20.00. The total is $19.99")


@WAYS
def test_a_line_that_can_not_be_bought_says_what_to_do(
    client: Client, item: Item, local_stripe: LocalStripe, way: str
) -> None:
    add(client, item, quantity=3)
    shown = shown_in(client)
    Item.objects.update(stock=2)
    assert message_of(press(client, way, shown), "order_changed") == (
        "One of the items can’t be bought. Change or remove it, then pay."
    )
    client.post(f"/order/lines/{OrderLine.objects.get().pk}", {"change": -1})
    assert press(client, way, shown_in(client)).status_code == 200


def test_the_last_piece_that_an_unanswered_press_still_holds(
    client: Client, make_item: Any, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop can't end that session, because it doesn't know its id yet."""
    monkeypatch.setattr("stripe.max_network_retries", 0)
    add(client, make_item(stock=1))
    local_stripe.fail(status=409)
    message_of(press(client, "/order/buy", shown_in(client)), "stripe_unavailable", 503)
    add(client, make_item(name="Pot"))
    message = message_of(press(client, "/order/buy", shown_in(client)), "sold_out")
    assert message == "Sorry, this item is sold out. Nothing was charged."


@WAYS
def test_a_total_above_stripes_maximum_is_422(
    client: Client, make_item: Any, local_stripe: LocalStripe, way: str
) -> None:
    add(client, make_item(price=Decimal("1234.50")), quantity=999)
    message = message_of(press(client, way, shown_in(client)), "amount_too_high", 422)
    assert message == "An order can be at most $999,999.99. Please split it."


def test_the_form_is_answered_in_json_only_if_the_script_asks(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    shown = shown_in(client)
    answer = press(client, "/order/buy", shown)
    assert sorted(answer.json()) == ["id", "publishable_key", "url"]
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert client.post("/order/buy", shown, headers=browser).status_code == 303


def test_a_cart_of_another_currency_shows_the_message_above_it(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    add(client, make_item())
    answer = client.post("/order/buy", {"currency": "EUR"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert '<p class="message" role="alert">There is nothing to pay in your cart.</p>' in page
    assert "Mug" in page
