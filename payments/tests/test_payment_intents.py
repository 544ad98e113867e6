"""payments.stripe_api.payment_intents"""

import pytest
from django.test import Client

from payments.stripe_api import payment_intents
from payments.stripe_api.accounts import account_for
from payments.stripe_api.errors import StripeRefused
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.presses import intent_of_item


def test_cancelling_an_ended_intent_is_no_error_but_a_refusal_is(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    intent_id = intent_of_item(client, item)
    account = account_for("USD")
    local_stripe.fail(path=f"/v1/payment_intents/{intent_id}/cancel", status=403)
    with pytest.raises(StripeRefused):
        payment_intents.cancel(account, intent_id)
    for _ in range(2):
        payment_intents.cancel(account, intent_id)
