"""API versions: all are accepted; what endive has removed works in older ones."""

from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, create_intent, line

DAHLIA = "2026-08-26.dahlia"
OLD = "2020-08-27"


@pytest.mark.parametrize("version", [OLD, DAHLIA, "2026-09-30.endive", "2026-10-28.endive"])
def test_accepts_every_version(local_stripe: LocalStripe, version: str) -> None:
    headers = {"Authorization": "Bearer sk_test_main", "Stripe-Version": version}
    answer = local_stripe.http.get("/v1/coupons", headers=headers)
    assert (answer.status_code, answer.headers["Stripe-Version"]) == (200, version)


@pytest.mark.usefixtures("local_stripe")
@pytest.mark.parametrize("version", ["endive", "2026-10", "newest"])
def test_refuses_what_is_no_version(version: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=f"Invalid Stripe API version: {version}"):
        create(stripe_version=version)


EUROS: Any = {"line_items": [line(currency="eur")]}


@pytest.mark.usefixtures("local_stripe")
@pytest.mark.parametrize("version", [OLD, DAHLIA])
def test_older_versions_name_the_payment_methods(version: str) -> None:
    sent: Any = {"payment_method_types": ["card"], "stripe_version": version}
    assert create(**EUROS, **sent).payment_method_types == ["card"]
    assert create_intent(currency="eur", **sent).payment_method_types == ["card"]


@pytest.mark.usefixtures("local_stripe")
@pytest.mark.parametrize("version", ["2026-09-30.endive", "2026-10-28.endive"])
def test_endive_has_removed_that(version: str) -> None:
    sent: Any = {"payment_method_types": ["card"], "stripe_version": version}
    for call in (create, create_intent):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            call(**sent)
        assert caught.value.code == "payment_method_types_no_longer_supported"


@pytest.mark.usefixtures("local_stripe")
def test_unknown_parameters_are_unknown_in_every_version() -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.Coupon.create(percent_off=10, stripe_version=OLD, payment_method_types=["card"])  # type: ignore[call-arg]
    assert caught.value.code is not None
