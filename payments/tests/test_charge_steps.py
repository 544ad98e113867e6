"""Orders in currencies whose charge step is larger than a minor unit: ISK, UGX, three decimals.

And in JPY, whose minor unit is its only one.
"""

from decimal import Decimal
from typing import Any

from django.test import Client

from cart.models import Discount, Order, State
from tests.support.answers import error_of
from tests.support.carts import add, add_tax
from tests.support.local_stripe import LocalStripe
from tests.support.payments import pay_and_settle
from tests.support.presses import buy_cart, intent_of_cart, new_browser, session_of_cart


def use_code(client: Client, code: str, currency: str) -> None:
    answer = client.post("/order/discount", {"code": code, "currency": currency})
    assert answer.status_code == 303


def test_an_exclusive_tax_is_a_line_item(make_item: Any, local_stripe: LocalStripe) -> None:
    client = new_browser()
    add_tax("24")
    add_tax("11", is_inclusive=True)
    add(client, make_item(currency="ISK", price=Decimal(1555)), quantity=2)
    session_of_cart(client)
    (sent,) = local_stripe.requests("POST", "/v1/checkout/sessions")
    piece, tax = sent["params"]["line_items"].values()
    assert (piece["price_data"]["unit_amount"], len(piece["tax_rates"])) == ("155500", 1)
    assert tax["price_data"]["product_data"]["name"] == "VAT 24 %"
    assert (tax["price_data"]["unit_amount"], tax["quantity"]) == ("67200", "1")
    assert "tax_rates" not in tax
    order = Order.objects.get()
    assert [each.amount for each in order.taxes.all()] == [67200, 30820]
    assert order.total_amount == 311000 + 67200


def test_the_discount_does_not_change_an_inclusive_tax_beside_an_exclusive_one(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """Stripe would take a part of the discount from the tax's line item."""
    client = new_browser()
    add_tax("24")
    add_tax("11", is_inclusive=True)
    Discount.objects.create(code="HALF", percent=Decimal(50))
    add(client, make_item(currency="ISK", price=Decimal(1000)))
    use_code(client, "HALF", "ISK")
    order = pay_and_settle(local_stripe, session_of_cart(client))
    assert [each.amount for each in order.taxes.all()] == [10800, 5000]
    assert (order.state, order.total_amount) == (State.PAID, 60800)


def test_an_order_over_nothing_has_no_line_item_for_its_tax(
    make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.WRITE_RATE_LIMIT = 0
    client = new_browser()
    add_tax("24")
    Discount.objects.create(code="FREE", percent=Decimal(100))
    add(client, make_item(currency="KWD", price=Decimal("1.23")))
    use_code(client, "FREE", "KWD")
    order = pay_and_settle(local_stripe, session_of_cart(client))
    assert (order.state, order.total_amount) == (State.PAID, 0)
    (sent,) = local_stripe.requests("POST", "/v1/checkout/sessions")
    assert len(sent["params"]["line_items"]) == 1


def test_pay_here_charges_the_same_total(make_item: Any, local_stripe: LocalStripe) -> None:
    client = new_browser()
    add_tax("8.625")
    add(client, make_item(currency="UGX", price=Decimal(3333)), quantity=3)
    intent_id = intent_of_cart(client)
    assert local_stripe.intent(intent_id)["amount"] == Order.objects.get().total_amount == 1086100


def test_lines_and_taxes_together_are_at_most_100(
    make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.WRITE_RATE_LIMIT = 0
    client = new_browser()
    add_tax("24")
    add_tax("11", is_inclusive=True)
    for number in range(100):
        add(client, make_item(currency="ISK", price=Decimal(500), name=f"Card {number}"))
    assert error_of(buy_cart(client), 422) == "too_many_lines"
    Order.objects.get().lines.latest("pk").delete()
    assert buy_cart(client).status_code == 200


def test_a_total_that_converts_to_less_than_50_cents_has_a_sentence(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """The shop knows no minimum for UGX."""
    client = new_browser()
    add(client, make_item(currency="UGX", price=Decimal(1000)))
    for answer in (buy_cart(client), client.post("/order/intent")):
        assert error_of(answer, 422) == "amount_too_small"
        message = answer.json()["error"]["message"]
        assert message.startswith("Converted to the currency in which the shop is paid,")
