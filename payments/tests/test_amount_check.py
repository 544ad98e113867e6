"""Stripe's figures and ours, in payments.amount_check."""

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from cart.freezing import FrozenOrder, freeze_item
from cart.models import Discount, Order, State, Tax
from payments import amount_check, checkout
from payments.errors import AmountMismatch
from payments.models import Kind, Payment, PaymentState
from payments.stripe_api import payment_intents
from payments.stripe_api.accounts import account_for
from store.models import Item
from tests.support.carts import add, add_tax, use_code
from tests.support.invoices import invoiced_totals
from tests.support.local_stripe import LocalStripe
from tests.support.payments import pay_and_settle
from tests.support.presses import intent_of_item, session_of_cart
from tests.support.shipping import add_rate, offer_only
from tests.support.shown_totals import shown_totals


def test_a_session_over_another_amount_is_ended_before_the_buyer_gets_it(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """The order's total is changed before the call, as if Stripe had calculated another one."""
    item = make_item(stock=1)
    account, now = account_for("USD"), timezone.now()
    frozen = freeze_item(item=item, visitor="visitor", address_hash="", buy_key="key", at=now)
    payment = checkout.begin_attempt(account, frozen, kind=Kind.CHECKOUT, attempt=1, at=now)
    frozen.order.total_amount += 1
    with pytest.raises(AmountMismatch):
        checkout.open_at_stripe(account, frozen, payment, at=now)
    payment.refresh_from_db()
    assert payment.state == PaymentState.FAILED
    assert Order.objects.get().state == State.CANCELLED
    assert local_stripe.all_sessions()[0]["status"] == "expired"
    item.refresh_from_db()
    assert item.stock == 1


def test_an_intent_over_another_amount_or_currency_is_refused(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    intent_of_item(client, item)
    payment = Payment.objects.get()
    intent = payment_intents.retrieve(account_for("USD"), payment.stripe_id)
    for wrong in (replace(intent, amount=1998), replace(intent, currency="EUR")):
        with pytest.raises(AmountMismatch, match=intent.id):
            amount_check.record(FrozenOrder.read(payment.order), payment, wrong)


@pytest.mark.parametrize("tax_rounding", ["line", "sum"])
@pytest.mark.parametrize("percent_rounding", ["line", "sum"])
def test_400_random_orders_show_the_same_figures_everywhere(
    admin_client: Client,
    make_item: Any,
    local_stripe: LocalStripe,
    settings: Any,
    tax_rounding: str,
    percent_rounding: str,
) -> None:
    """100 in each of the four ways of rounding: all pages and Stripe agree to the cent.

    A code is used where it leaves more than Stripe's minimum to pay.
    """
    settings.BUY_RATE_LIMIT = settings.WRITE_RATE_LIMIT = settings.CODE_RATE_LIMIT = 0
    local_stripe.configure(tax_rounding=tax_rounding, percent_rounding=percent_rounding)
    seed = random.randrange(10**6)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    items = [make_item(price=Decimal(chance.randint(50, 20000)) / 100) for _ in range(20)]
    taxes = [
        add_tax(),
        add_tax("8.625"),
        add_tax("21", is_inclusive=True),
        add_tax("2.1", is_inclusive=True),
    ]
    Discount.objects.create(code="PERCENT", percent=Decimal("12.5"))
    Discount.objects.create(code="AMOUNT", amount=777, currency="USD")
    rates = [add_rate(490), add_rate(1234, "DE", free_from_amount=30_000), add_rate(0, "DE"), None]
    for number in range(100):
        for tax in taxes:
            Tax.objects.filter(pk=tax.pk).update(is_active=chance.random() < 0.5)
        offer_only(chance.choice(rates))
        client, subtotal = Client(), 0
        for each in chance.sample(items, chance.randint(1, 6)):
            quantity = chance.randint(1, 9)
            add(client, each, quantity=quantity)
            subtotal += each.amount * quantity
        if (code := chance.choice(["PERCENT", "AMOUNT", ""])) and subtotal > 900:
            use_code(client, code)
        session = local_stripe.session(session_of_cart(client))
        cart = shown_totals(client.get("/order").content.decode())
        order = pay_and_settle(local_stripe, session["id"])
        receipt = shown_totals(client.get(f"/order/{order.token}").content.decode())
        invoice = invoiced_totals(admin_client, order)
        details = session["total_details"]
        failure = f"seed {seed}, order {number}"
        assert cart == receipt == invoice, failure
        assert cart["subtotal"] == [session["amount_subtotal"] - order.shipping_amount], failure
        assert cart["shipping"] == ([order.shipping_amount] if order.has_shipping else []), failure
        assert sum(cart["discount"]) == details["amount_discount"], failure
        assert sum(cart["tax"]) == details["amount_tax"], failure
        assert cart["total"] == [session["amount_total"]] == [order.total_amount], failure
        assert are_spread(order), failure


def are_spread(order: Order) -> bool:
    """Whether the shares of lines and shipping add up to the discount and to each tax."""
    taxes = order.taxes.annotate(of_lines=Sum("shares__amount"))
    of_lines = order.lines.aggregate(sum=Sum("discount_amount"))["sum"]
    return order.discount_amount == of_lines + order.shipping_discount_amount and all(
        tax.amount == tax.of_lines + tax.shipping_amount for tax in taxes
    )
