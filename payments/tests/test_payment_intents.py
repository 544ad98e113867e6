"""payments.stripe_api.payment_intents"""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe
from django.test import Client

from payments.stripe_api import payment_intents
from payments.stripe_api.accounts import account_for
from payments.stripe_api.errors import StripeRefused
from payments.stripe_api.types import Instructions
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


@pytest.mark.parametrize(
    ("kind", "shown", "url", "end"),
    [
        ("oxxo_display_details", {"hosted_voucher_url": "https://v", "expires_after": 9}, "v", 9),
        ("boleto_display_details", {"hosted_voucher_url": "https://v", "expires_at": 9}, "v", 9),
        ("konbini_display_details", {"hosted_voucher_url": None}, "", None),
        ("new_display_details", None, "", None),
        ("verify_with_microdeposits", {"hosted_verification_url": "https://v"}, "v", None),
    ],
)
def test_reads_the_instructions_of_what_the_buyer_has_days_for(
    kind: str, shown: Any, url: str, end: int | None
) -> None:
    action = {"type": kind} | ({kind: shown} if shown else {})
    values = {"id": "pi_1", "object": "payment_intent", "status": "requires_action"}
    intent = stripe.PaymentIntent.construct_from(values | {"next_action": action}, "sk_test_x")
    expires_at = datetime.fromtimestamp(end, UTC) if end else None
    address = f"https://{url}" if url else ""
    assert payment_intents.instructions_of(intent) == Instructions(address, expires_at)


def test_an_intent_that_waits_for_the_bank_has_no_instructions() -> None:
    values = {"id": "pi_1", "object": "payment_intent", "status": "requires_action"}
    intent = stripe.PaymentIntent.construct_from(values | {"next_action": None}, "sk_test_x")
    assert payment_intents.instructions_of(intent) is None
    assert payment_intents.instructions_of("pi_1") is None
