"""Restricted keys: what they may do, and what Stripe answers otherwise."""

from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, create_intent

KEY = "rk_test_main"


@pytest.mark.parametrize(
    ("call", "permission"),
    [
        (lambda: create(api_key=KEY), "rak_checkout_session_write"),
        (lambda: stripe.checkout.Session.list(api_key=KEY), "rak_checkout_session_read"),
        (lambda: create_intent(api_key=KEY), "rak_payment_intent_write"),
        (lambda: stripe.Refund.create(charge="ch_1", api_key=KEY), "rak_charge_write"),
        (lambda: stripe.Refund.list(api_key=KEY), "rak_charge_read"),
        (lambda: stripe.Charge.retrieve("ch_1", api_key=KEY), "rak_charge_read"),
        (lambda: stripe.Dispute.list(api_key=KEY), "rak_dispute_read"),
        (
            lambda: stripe.radar.EarlyFraudWarning.list(api_key=KEY),
            "rak_radar_early_fraud_warning_read",
        ),
        (lambda: stripe.Coupon.create(percent_off=10, api_key=KEY), "rak_coupon_write"),
        (lambda: stripe.TaxRate.list(api_key=KEY), "rak_tax_rate_read"),
        (lambda: stripe.Event.list(api_key=KEY), "rak_event_read"),
    ],
)
def test_names_the_missing_permission(
    local_stripe: LocalStripe, call: Any, permission: str
) -> None:
    with pytest.raises(stripe.PermissionError) as caught:
        call()
    assert caught.value.http_status == 403
    assert str(caught.value.user_message) == (
        "The provided key 'rk_test_****' does not have the required permissions for this endpoint "
        f"on account 'acct_main'. Having the '{permission}' permission would allow this request to "
        "continue."
    )
    local_stripe.configure(permissions=[permission])
    try:
        call()
    except stripe.InvalidRequestError as error:
        assert error.code == "resource_missing"  # noqa: PT017 - of the charge only


def test_may_read_what_it_may_write(local_stripe: LocalStripe) -> None:
    local_stripe.configure(permissions=["rak_coupon_write"])
    coupon = stripe.Coupon.create(percent_off=10, api_key=KEY)
    assert stripe.Coupon.retrieve(coupon.id, api_key=KEY).id == coupon.id


def test_belongs_to_the_account_of_its_secret_key(local_stripe: LocalStripe) -> None:
    local_stripe.configure(permissions=["rak_coupon_read"])
    coupon = stripe.Coupon.create(percent_off=10)
    assert [each.id for each in stripe.Coupon.list(api_key=KEY).data] == [coupon.id]


@pytest.mark.usefixtures("local_stripe")
def test_refuses_a_restricted_live_key() -> None:
    with pytest.raises(stripe.AuthenticationError, match="accepts test keys only"):
        create(api_key="rk_live_1234")
