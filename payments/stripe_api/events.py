"""Webhook events: https://docs.stripe.com/webhooks"""

import json
from dataclasses import dataclass

import stripe

from payments.stripe_api.accounts import StripeAccount, all_accounts
from payments.stripe_api.reading import without_control_characters

# Stripe's default; an older signature may be a replay (https://docs.stripe.com/webhooks#replay-attacks).
SIGNATURE_MAX_AGE_SECONDS = 300


class NotFromStripe(Exception):
    """A request without an event, or without a valid signature of one of the shop's accounts."""


@dataclass(frozen=True)
class Event:
    """A verified event. It is a reason to retrieve the object, whose state may be newer by now."""

    id: str
    type: str
    livemode: bool
    object_id: str
    intent_id: str  # of the payment that a refund, charge or dispute belongs to, or empty


def verify(body: bytes, signature: str) -> tuple[StripeAccount, Event]:
    """Return the event in `body` and the account whose secret signed it. Raises NotFromStripe."""
    reasons = []
    for account in all_accounts():
        try:
            return account, _verified(account, body, signature)
        except NotFromStripe as error:
            reasons.append(f"{account.name}: {error}")
    raise NotFromStripe("; ".join(reasons) or "no Stripe account is set up")


def _verified(account: StripeAccount, body: bytes, signature: str) -> Event:
    """Read an event, of which another API version may have only id and type.

    Raises NotFromStripe. https://docs.stripe.com/webhooks/signature
    """
    try:
        stripe.WebhookSignature.verify_header(
            body, signature, account.webhook_secret, tolerance=SIGNATURE_MAX_AGE_SECONDS
        )
        event = json.loads(body)
        about = (event.get("data") or {}).get("object") or {}
        intent = about.get("payment_intent") or ""
        return Event(
            id=_text(event["id"]),
            type=_text(event["type"]),
            livemode=bool(event.get("livemode", account.livemode)),
            object_id=_text(about.get("id") or ""),
            intent_id=_text(intent["id"] if isinstance(intent, dict) else intent),
        )
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise NotFromStripe(str(error)) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise NotFromStripe(f"not a Stripe event: {error!r}") from error


def _text(raw: object) -> str:
    return without_control_characters(str(raw))
