"""A restricted key with the permissions that docs/deployment.md names is enough for everything."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Discount, State
from payments import disputes
from payments.models import Payment
from payments.refunds import request_refund
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add, add_tax, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, paid, run_at
from tests.support.presses import session_of_cart
from tests.support.shipping import add_rate

PERMISSIONS = [
    "rak_checkout_session_write",
    "rak_payment_intent_write",
    "rak_charge_write",
    "rak_coupon_write",
    "rak_tax_rate_write",
    "rak_dispute_read",
    "rak_radar_early_fraud_warning_read",
]


@pytest.fixture
def restricted(settings: Any, local_stripe: LocalStripe) -> LocalStripe:
    settings.STRIPE_ACCOUNTS = [
        replace(account, secret_key=account.secret_key.replace("sk_", "rk_"))
        for account in settings.STRIPE_ACCOUNTS
    ]
    local_stripe.configure(permissions=PERMISSIONS)
    return local_stripe


def refused_calls(local_stripe: LocalStripe) -> list[str]:
    return [each["path"] for each in local_stripe.all_requests() if each["status"] == 403]


def test_sells_with_discount_shipping_and_tax_refunds_and_reconciles(
    client: Client, item: Item, restricted: LocalStripe
) -> None:
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add_tax("20")
    add_rate(490)
    add(client, item)
    use_code(client, "TEN")
    session_id = session_of_cart(client)
    restricted.pay(session_id)
    payment = Payment.objects.get()
    assert look_again(payment).state == State.PAID
    request_refund(
        payment=payment,
        amount=500,
        key=uuid4(),
        reason="duplicate",
        pieces={},
        restock=False,
        by="ada",
        at=timezone.now(),
    )
    restricted.dispute(str(restricted.session(session_id)["payment_intent"]))
    assert run_at(timezone.now()).failed == 0
    assert Payment.objects.get().coupon_id == ""
    assert refused_calls(restricted) == []


def test_a_key_without_fraud_warnings_reconciles_the_rest(
    item: Item, restricted: LocalStripe, caplog: pytest.LogCaptureFixture
) -> None:
    """As a key from before they were listed; the log names the permission, once."""
    disputes.log_missing_permission.cache_clear()
    restricted.configure(permissions=PERMISSIONS[:-1])
    payment = paid(item, restricted)
    restricted.warn_of_fraud(payment.intent_id)
    restricted.refund(payment.intent_id, 500)
    summaries = [run_at(timezone.now()) for _ in range(2)]
    assert [(each.updated, each.failed) for each in summaries] == [(1, 0), (0, 0)]
    log = [each.message for each in caplog.records if each.name == "payments.disputes"]
    assert len(log) == 2  # accounts
    assert all("rak_radar_early_fraud_warning_read" in message for message in log)


def test_pays_within_the_page(client: Client, item: Item, restricted: LocalStripe) -> None:
    client.post(f"/buy/{item.pk}/intent")
    payment = Payment.objects.get()
    restricted.pay_intent(payment.stripe_id)
    assert look_again(payment).state == State.PAID
    assert refused_calls(restricted) == []


def test_a_missing_permission_is_an_answer_for_the_buyer(
    client: Client, item: Item, restricted: LocalStripe
) -> None:
    restricted.configure(permissions=[])
    assert error_of(client.get(f"/buy/{item.pk}"), 502) == "stripe_refused"
