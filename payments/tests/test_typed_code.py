"""A code that was typed in the cart without pressing Apply, when Buy or "Pay here" is pressed."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from cart.models import Discount, Order, State
from payments.models import Payment
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import HTMX, add, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.presses import session_of_cart

JSON = {"Accept": "application/json"}
APPLIED = "Code TEN is applied. The total is now $17.99. Check it, then pay."


@pytest.fixture(autouse=True)
def _one_item_in_the_cart(client: Client, item: Item, local_stripe: LocalStripe) -> None:
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)


def press(client: Client, way: str = "/order/buy", **fields: str) -> Any:
    return client.post(way, {"currency": "USD"} | fields, headers=JSON)


@pytest.mark.parametrize("way", ["/order/buy", "/order/intent"])
def test_a_good_code_is_applied_and_the_next_press_goes_on(client: Client, way: str) -> None:
    answer = press(client, way, code="ten")
    assert error_of(answer, 409) == "code_applied"
    assert answer.json()["error"]["message"] == APPLIED
    assert not Payment.objects.exists()
    assert press(client, way, code="ten").status_code == 200  # if the field still has it
    assert Payment.objects.get().amount == 1799


@pytest.mark.parametrize("way", ["/order/buy", "/order/intent"])
@pytest.mark.parametrize("code", ["WRONG", "x" * 41, "a\x00b"])
def test_a_bad_code_is_422_and_leaves_the_cart_as_it_is(
    client: Client, way: str, code: str
) -> None:
    answer = press(client, way, code=code)
    assert error_of(answer, 422) == "code_refused"
    assert Order.objects.get().discount is None
    assert press(client, way, code=code, refused_code=code).status_code == 200


@pytest.mark.parametrize("way", ["/order/buy", "/order/intent"])
@pytest.mark.parametrize("code", ["", "  "])
def test_without_a_code_it_buys_at_once(client: Client, way: str, code: str) -> None:
    assert press(client, way, code=code).status_code == 200


def test_the_plain_form_shows_the_cart_with_the_code_applied(client: Client) -> None:
    answer = client.post("/order/buy", {"currency": "USD", "code": "ten"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert APPLIED in page
    assert "<html" in page
    assert 'class="total" data-amount="1799"' in page
    assert client.post("/order/buy", {"currency": "USD", "code": ""}).status_code == 303


def test_the_plain_form_shows_what_is_wrong_with_the_code_beside_it(client: Client) -> None:
    answer = client.post("/order/buy", {"currency": "USD", "code": "wrong"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("This code doesn’t exist. Check its spelling.") == 1
    assert 'name="refused_code" value="wrong"' in page
    again = {"currency": "USD", "code": "wrong", "refused_code": "wrong"}
    assert client.post("/order/buy", again).status_code == 303


def test_another_code_replaces_the_one_of_an_order_that_is_being_paid(client: Client) -> None:
    use_code(client, "TEN")
    assert press(client).status_code == 200
    Discount.objects.create(code="HALF", percent=Decimal(50))
    assert error_of(press(client, code="half"), 409) == "code_applied"
    assert press(client).status_code == 200
    assert Payment.objects.latest("pk").amount == 999


def test_a_get_applies_no_code(client: Client) -> None:
    """Everybody can make a browser send a GET, so it must not change the cart."""
    answer = client.get("/order/buy", {"currency": "USD", "code": "ten"})
    assert answer.status_code == 200
    assert Order.objects.get().discount is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["/order/discount", "/order/buy"])
def test_a_code_for_a_cart_that_was_just_paid_is_not_announced(
    client: Client, local_stripe: LocalStripe, way: str
) -> None:
    local_stripe.deliver_events(False)
    local_stripe.pay(session_of_cart(client))
    answer = client.post(way, {"code": "TEN", "currency": "USD"}, headers=HTMX)
    page = answer.content.decode()
    assert "is applied" not in page
    assert f"Order {Order.objects.get(state=State.PAID).number} was paid." in page


@pytest.mark.parametrize("way", ["/order/buy", "/order/intent"])
def test_too_many_codes_are_429_and_the_cart_stays(client: Client, way: str, settings: Any) -> None:
    settings.CODE_RATE_LIMIT = 2
    answers = [press(client, way, code=f"WRONG{number}") for number in range(6)]
    assert answers[0].status_code == 422
    assert error_of(press(client, way, code="TEN"), 429) == "too_many_requests"
    assert Order.objects.get().discount is None
    plain = client.post("/order/buy", {"currency": "USD", "code": "TEN"})
    assert plain.status_code == 429
    assert "You have tried too often." in plain.content.decode()
    assert press(client, way).status_code == 200  # without a code it buys
