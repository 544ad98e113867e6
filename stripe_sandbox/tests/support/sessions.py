"""Sessions and payment intents like those of a shop."""

import time
from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe

SUCCESS_URL = "https://shop.example/return?session_id={CHECKOUT_SESSION_ID}"


def line(**price: Any) -> dict[str, Any]:
    quantity = price.pop("quantity", 1)
    price_data = {"currency": "usd", "unit_amount": 1999, "product_data": {"name": "Mug"}} | price
    return {"quantity": quantity, "price_data": price_data}


def product(**described: Any) -> dict[str, Any]:
    return line(product_data={"name": "Mug"} | described)


def create(**changes: Any) -> stripe.checkout.Session:
    """A session for one mug at $19.99; a parameter that is None is left out."""
    params = {"mode": "payment", "success_url": SUCCESS_URL, "line_items": [line()]} | changes
    return stripe.checkout.Session.create(**params)


def refusal(**changes: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        create(**changes)
    assert caught.value.http_status == 400
    return caught.value


def minutes_from_now(minutes: int) -> int:
    return int(time.time()) + minutes * 60


def percent_coupon(percent: float, **changes: Any) -> str:
    return stripe.Coupon.create(percent_off=percent, **changes).id


def fixed_coupon(amount: int, **changes: Any) -> str:
    return stripe.Coupon.create(amount_off=amount, currency="usd", **changes).id


def tax_rate(percentage: float, *, inclusive: bool = False, **changes: Any) -> str:
    changes.setdefault("display_name", "VAT")
    return stripe.TaxRate.create(percentage=percentage, inclusive=inclusive, **changes).id


def taxed(*rates: str, **price: Any) -> dict[str, Any]:
    return line(**price) | {"tax_rates": list(rates)}


def paid_intent(local_stripe: LocalStripe, **changes: Any) -> str:
    """The payment intent of a session that has been paid: one mug at $19.99."""
    session = create(**changes)
    answer = local_stripe.tell(f"sessions/{session.id}/pay").json()
    return str(answer["session"]["payment_intent"])


def charge_of(intent: str, **changes: Any) -> stripe.Charge:
    charge = stripe.PaymentIntent.retrieve(
        intent, expand=["latest_charge"], **changes
    ).latest_charge
    assert isinstance(charge, stripe.Charge)
    return charge


RETURN_URL = "https://shop.example/done"


def create_intent(**changes: Any) -> stripe.PaymentIntent:
    """An intent for $19.99; a parameter that is None is left out."""
    params: dict[str, Any] = {"amount": 1999, "currency": "usd"} | changes
    return stripe.PaymentIntent.create(**params)


def confirm(intent: stripe.PaymentIntent, method: str, **changes: Any) -> stripe.PaymentIntent:
    params: dict[str, Any] = {"payment_method": method, "return_url": RETURN_URL} | changes
    return intent.confirm(**params)


def sepa(iban: str) -> Any:
    billing = {"email": "ada@example.com", "name": "Ada"}
    return {"type": "sepa_debit", "sepa_debit": {"iban": iban}, "billing_details": billing}


def confirm_with_debit(iban: str) -> stripe.PaymentIntent:
    intent = create_intent(currency="eur")
    return intent.confirm(payment_method_data=sepa(iban), return_url=RETURN_URL)
