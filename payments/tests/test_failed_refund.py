"""A refund made in Stripe's dashboard that the bank sent back before the shop had heard of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order
from payments import methods, refund_sync
from payments.models import Payment, RefundState
from payments.reconcile import Summary, reconcile
from payments.settlement import settle
from payments.stripe_api.accounts import account_named
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE


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


def refunded(payment: Payment, local_stripe: LocalStripe) -> dict[str, str]:
    asked = {"payment_intent": payment.intent_id, "amount": 500}
    refund: dict[str, str] = local_stripe.http.post("/_sandbox/refund", json=asked).json()["refund"]
    return refund


def test_is_found_by_the_reconciler_and_staff_are_told_once(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    refund = refunded(payment, local_stripe)
    local_stripe.http.post(f"/_sandbox/refunds/{refund['id']}/finish", json={"status": "failed"})
    assert run().updated == 1
    assert payment.refunds.get().state == RefundState.FAILED
    assert refund["id"] in alert_messages(Order.objects.get())
    assert run().updated == 0


def test_stays_failed_for_who_asked_before_the_bank_sent_it_back(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    refund = refunded(payment, local_stripe)
    account = account_named(payment.account)
    seen_before = refund_sync.fetch(account, payment, methods.retrieve(account, payment))
    local_stripe.http.post(f"/_sandbox/refunds/{refund['id']}/finish", json={"status": "failed"})
    run()
    with transaction.atomic():
        refund_sync.apply(Order.objects.get(), payment, seen_before, at=timezone.now())
    assert payment.refunds.get().state == RefundState.FAILED
    assert Order.objects.get().refunded_amount == 0


def test_an_order_over_nothing_has_no_part_in_refunds_of_others(
    payment: Payment, item: Item, local_stripe: LocalStripe
) -> None:
    refunded(payment, local_stripe)
    Discount.objects.create(code="GIFT", percent=Decimal(100))
    client = Client()
    client.post("/order/lines", {"item": item.pk})
    client.post("/order/discount", {"code": "gift", "currency": "USD"})
    local_stripe.pay(client.get("/order/buy").json()["id"])
    free = Payment.objects.latest("pk")
    for _ in range(2):
        settle(free, at=timezone.now(), cause=CAUSE)
    free.refresh_from_db()
    assert (free.state, free.amount, free.refunds.count()) == ("succeeded", 0, 0)
