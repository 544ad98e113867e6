"""The coupon of an order with shipping is deleted when its attempt has ended."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import stripe
from django.test import Client
from django.utils import timezone

from cart.models import Discount
from payments.methods import attempt_coupons
from payments.models import Payment, PaymentState, StripeObjectId
from payments.stripe_api import coupons
from payments.stripe_api.accounts import account_for
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add, add_tax, use_code
from tests.support.local_stripe import DEFAULT_KEY, LocalStripe
from tests.support.payments import look_again, run_at
from tests.support.presses import buy_cart, intent_of_cart
from tests.support.shipping import add_rate


@pytest.fixture
def cart(client: Client, item: Item, local_stripe: LocalStripe) -> Client:
    """A browser whose cart has shipping and a discount."""
    add_rate(490)
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    use_code(client, "TEN")
    return client


def deleted(local_stripe: LocalStripe) -> list[str]:
    """The ids of the coupons that were deleted, also in vain."""
    calls = [each for each in local_stripe.all_requests() if each["method"] == "DELETE"]
    return [each["path"].removeprefix("/v1/coupons/") for each in calls]


def created(local_stripe: LocalStripe) -> list[str]:
    return [each["params"]["id"] for each in local_stripe.requests("POST", "/v1/coupons")]


def in_minutes(minutes: float) -> Any:
    return timezone.now() + timedelta(minutes=minutes)


def test_is_deleted_once_when_the_order_is_paid(cart: Client, local_stripe: LocalStripe) -> None:
    buy_cart(cart)
    payment = Payment.objects.get()
    run_at(timezone.now())
    assert deleted(local_stripe) == []  # the session is open
    local_stripe.pay(payment.stripe_id)
    look_again(payment)
    for _ in range(2):
        assert run_at(timezone.now()).failed == 0
    assert deleted(local_stripe) == created(local_stripe) == [payment.coupon_id]


def test_is_deleted_when_the_session_has_expired(cart: Client, local_stripe: LocalStripe) -> None:
    """Each attempt has another coupon."""
    buy_cart(cart)
    local_stripe.expire(Payment.objects.get().stripe_id)
    buy_cart(cart)
    first, second = Payment.objects.order_by("pk")
    assert first.coupon_id != second.coupon_id
    run_at(timezone.now())
    assert created(local_stripe) == [first.coupon_id, second.coupon_id]
    assert deleted(local_stripe) == [first.coupon_id]


def test_is_deleted_later_if_stripe_is_down(cart: Client, local_stripe: LocalStripe) -> None:
    buy_cart(cart)
    payment = Payment.objects.get()
    local_stripe.pay(payment.stripe_id)
    look_again(payment)
    local_stripe.configure(faults=[{"method": "DELETE", "status": 500, "count": 3}])
    assert run_at(timezone.now()).failed == 1
    assert run_at(timezone.now()).failed == 0
    assert Payment.objects.get().coupon_id == ""


def test_is_left_to_stripe_if_it_cannot_be_deleted_for_a_week(
    cart: Client, local_stripe: LocalStripe
) -> None:
    buy_cart(cart)
    payment = Payment.objects.get()
    local_stripe.pay(payment.stripe_id)
    look_again(payment)
    local_stripe.configure(faults=[{"method": "DELETE", "status": 403, "count": 9}])
    day = 24 * 60
    assert run_at(in_minutes(day)).failed == 1
    assert run_at(in_minutes(9 * day)).failed == 0


def test_is_deleted_when_a_slow_debit_ends(cart: Client, local_stripe: LocalStripe) -> None:
    """Up to 14 days after the end of its session."""
    buy_cart(cart)
    payment = Payment.objects.get()
    local_stripe.pay(payment.stripe_id)
    Payment.objects.update(expires_at=in_minutes(-14 * 24 * 60))
    look_again(payment)
    assert run_at(timezone.now()).failed == 0
    assert deleted(local_stripe) == [payment.coupon_id]


def test_two_requests_that_replace_a_coupon_at_once_share_the_new_one(
    cart: Client, local_stripe: LocalStripe
) -> None:
    buy_cart(cart)
    first, second = Payment.objects.get(), Payment.objects.get()
    for payment in (first, second):
        attempt_coupons.replace(account_for("USD"), payment)
    assert first.coupon_id == second.coupon_id == Payment.objects.get().coupon_id
    assert first.coupon_id not in created(local_stripe)


def test_one_that_staff_deleted_at_stripe_is_done(cart: Client, local_stripe: LocalStripe) -> None:
    buy_cart(cart)
    payment = Payment.objects.get()
    local_stripe.pay(payment.stripe_id)
    look_again(payment)
    coupons.delete(account_for("USD"), payment.coupon_id)
    assert run_at(timezone.now()).failed == 0
    assert Payment.objects.get().coupon_id == ""


@pytest.mark.parametrize("effect", ["before", "after"])
def test_a_crash_around_its_creation_leaves_none_behind(
    cart: Client, local_stripe: LocalStripe, effect: str
) -> None:
    """The id was stored before. The session of an attempt without answer may be open."""
    faults = [{"path": "/v1/coupons", "drop": effect, "count": 3}]
    local_stripe.configure(faults=faults)
    error_of(buy_cart(cart), 503)
    payment = Payment.objects.get()
    assert (payment.state, payment.stripe_id) == (PaymentState.FAILED, "")
    assert payment.coupon_id
    run_at(timezone.now())
    assert deleted(local_stripe) == []
    assert run_at(payment.expires_at).failed == 0
    assert deleted(local_stripe) == [payment.coupon_id]


def test_the_next_press_finds_the_coupon_of_an_attempt_that_a_crash_interrupted(
    cart: Client, local_stripe: LocalStripe
) -> None:
    buy_cart(cart)
    payment = Payment.objects.get()
    session_id = payment.stripe_id
    Payment.objects.update(stripe_id="")  # as before the answer was stored
    assert buy_cart(cart).json()["id"] == session_id
    assert created(local_stripe) == [payment.coupon_id] * 2
    assert Payment.objects.get().coupon_id == payment.coupon_id


def test_a_refused_coupon_or_tax_rate_is_replaced(cart: Client, local_stripe: LocalStripe) -> None:
    """Stripe may keep the refusal under the idempotency key, so the second try has another one."""
    add_tax("20")
    buy_cart(cart)
    local_stripe.expire(Payment.objects.get().stripe_id)
    archived = StripeObjectId.objects.get(kind="tax_rate").stripe_id
    stripe.TaxRate.modify(archived, active=False, api_key=DEFAULT_KEY)
    assert buy_cart(cart).status_code == 200
    _first, refused, used = created(local_stripe)
    assert deleted(local_stripe) == [refused]
    assert Payment.objects.latest("pk").coupon_id == used


def test_pay_here_has_none(cart: Client, local_stripe: LocalStripe) -> None:
    intent_of_cart(cart)
    assert Payment.objects.get().coupon_id == ""
    assert created(local_stripe) == []
