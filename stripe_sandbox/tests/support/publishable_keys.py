"""Calls that a browser makes: with a publishable key and the secret of a PaymentIntent."""

from typing import Any

import httpx
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import RETURN_URL

CARD = {
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "4242 4242 4242 4242",
    "payment_method_data[card][exp_month]": "12",
    "payment_method_data[card][exp_year]": "40",
    "payment_method_data[card][cvc]": "123",
    "return_url": RETURN_URL,
}


def call(
    local_stripe: LocalStripe, path: str, key: str = "pk_test_main", **sent: Any
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    if path.endswith("/confirm"):
        return local_stripe.http.post(f"/v1/{path}", data=sent, headers=headers)
    return local_stripe.http.get(f"/v1/{path}", params=sent, headers=headers)


def secret_of(intent: stripe.PaymentIntent) -> dict[str, str]:
    return {"client_secret": str(intent.client_secret)}
