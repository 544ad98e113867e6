"""Sends events to the shop's webhook, signed as Stripe signs them."""

import json
from typing import Any

import stripe
from django.test import Client

SECRET = "whsec_minicart"


def event_about(object_id: str, **values: Any) -> str:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": {"id": object_id, "object": "checkout.session"}},
    }
    return json.dumps(event | values)


def deliver(body: str, secret: str = SECRET, timestamp: int | None = None) -> int:
    """The status of the answer."""
    signature = stripe.WebhookSignature.generate_signature_header(body, secret, timestamp)
    return post(body, signature)


def post(body: str, signature: str | None) -> int:
    headers = {"Stripe-Signature": signature} if signature is not None else {}
    answer = Client(enforce_csrf_checks=True).post(
        "/stripe/webhook", body, content_type="application/json", headers=headers
    )
    return answer.status_code
