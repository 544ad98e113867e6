"""A refund made in Stripe's dashboard that the bank sent back before the shop had heard of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order
from payments.models import Payment, RefundState
from payments.reconcile import Summary, reconcile
from store.models import Item
from tests.local_stripe import LocalStripe


def run() -> Summary:
    *_, summary = reconcile(older_than=timedelta(0), at=timezone.now() + timedelta(minutes=1))
    return summary


@pytest.fixture
def payment(item: Item, local_stripe: LocalStripe) -> Payment:
    Client().get(f"/buy/{item.pk}")
    payment = Payment.objects.get()
    local_stripe.pay(payment.stripe_id)
    run()
    payment.refresh_from_db()
    assert payment.state == "succeeded"
    return payment


def test_is_found_by_the_reconciler_and_staff_are_told_once(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    asked = {"payment_intent": payment.intent_id, "amount": 500}
    refund = local_stripe.http.post("/_sandbox/refund", json=asked).json()["refund"]
    local_stripe.http.post(f"/_sandbox/refunds/{refund['id']}/finish", json={"status": "failed"})
    assert run().unseen == 1
    assert payment.refunds.get().state == RefundState.FAILED
    assert refund["id"] in Order.objects.get().needs_attention
    assert run().unseen == 0
