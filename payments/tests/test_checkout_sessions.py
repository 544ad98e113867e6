"""payments.stripe_api.checkout_sessions"""

import pytest

from payments.stripe_api import checkout_sessions
from payments.stripe_api.accounts import account_for
from payments.stripe_api.errors import NotFoundAtStripe, StripeRefused
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.presses import press_buy


def test_expiring_an_expired_session_is_no_error(item: Item, local_stripe: LocalStripe) -> None:
    account, session_id = account_for("USD"), press_buy(item).stripe_id
    for _ in range(2):
        checkout_sessions.expire(account, session_id)
    with pytest.raises(NotFoundAtStripe):
        checkout_sessions.expire(account, "cs_test_unknown")


def test_a_refusal_to_expire_an_open_session_is_an_error(
    item: Item, local_stripe: LocalStripe
) -> None:
    session_id = press_buy(item).stripe_id
    local_stripe.fail(path=f"/v1/checkout/sessions/{session_id}/expire", status=403)
    with pytest.raises(StripeRefused):
        checkout_sessions.expire(account_for("USD"), session_id)
