"""Stripe's figures and ours, in payments.amount_check."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.freezing import FrozenOrder, freeze_item
from cart.item_quote import quote_item
from cart.models import Order, State
from payments import amount_check, checkout
from payments.errors import AmountMismatch
from payments.models import Kind, Payment, PaymentState
from payments.stripe_api import payment_intents
from payments.stripe_api.accounts import account_for
from payments.stripe_api.errors import CallInFlight
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.presses import intent_of_item


def test_a_session_over_another_amount_is_ended_before_the_buyer_gets_it(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """The order's total is changed before the call, as if Stripe had calculated another one."""
    item = make_item(stock=1)
    account, now = account_for("USD"), timezone.now()
    frozen = freeze_item(quote_item(item, "visitor"), address_hash="", buy_key="key", at=now)
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


def test_a_session_over_another_amount_for_an_attempt_that_has_ended_is_ended(
    item: Item, local_stripe: LocalStripe
) -> None:
    account, now = account_for("USD"), timezone.now()
    frozen = freeze_item(quote_item(item, "visitor"), address_hash="", buy_key="key", at=now)
    payment = checkout.begin_attempt(account, frozen, kind=Kind.CHECKOUT, attempt=1, at=now)
    Payment.objects.update(state=PaymentState.FAILED)
    frozen.order.total_amount += 1
    with pytest.raises(CallInFlight):
        checkout.open_at_stripe(account, frozen, payment, at=now)
    assert local_stripe.all_sessions()[0]["status"] == "expired"
    payment.refresh_from_db()
    assert payment.stripe_id == ""


def test_an_intent_over_another_amount_or_currency_is_refused(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    intent_of_item(client, item)
    payment = Payment.objects.get()
    intent = payment_intents.retrieve(account_for("USD"), payment.stripe_id)
    for wrong in (replace(intent, amount=1998), replace(intent, currency="EUR")):
        with pytest.raises(AmountMismatch, match=intent.id):
            amount_check.compare(FrozenOrder.read(payment.order), payment, wrong)
