"""Forms that several scenarios send."""

from typing import Any

from tests.contract.steps import Form

COUPONS, TAX_RATES = "/v1/coupons", "/v1/tax_rates"
SESSIONS, INTENTS, REFUNDS = "/v1/checkout/sessions", "/v1/payment_intents", "/v1/refunds"


def line(unit_amount: int, quantity: int = 1, currency: str = "usd", **more: Any) -> Form:
    price = {
        "currency": currency,
        "unit_amount": unit_amount,
        "product_data": {"name": "Stoneware mug"},
    }
    return {"price_data": price, "quantity": quantity, **more}


def session(*lines: Form, **more: Any) -> Form:
    """A session for these lines, or for a mug."""
    return {
        "mode": "payment",
        "success_url": "https://shop.example/order/1/return?session_id={CHECKOUT_SESSION_ID}",
        "line_items": list(lines) or [line(1999)],
        **more,
    }


def changed(form: Form, **more: Any) -> Form:
    """The form without the fields that are None, and with the others changed."""
    return {key: value for key, value in {**form, **more}.items() if value is not None}


def intent(amount: int = 1999, currency: str = "usd", **more: Any) -> Form:
    """An intent that needs no address to return to."""
    methods = {"enabled": True, "allow_redirects": "never"}
    return {
        "amount": amount,
        "currency": currency,
        "automatic_payment_methods": methods,
        **more,
    }


def tax_rate(percentage: str, *, inclusive: bool = False, **more: Any) -> Form:
    return {"display_name": "VAT", "percentage": percentage, "inclusive": inclusive, **more}


VISA = {
    "type": "card",
    "card": {"token": "tok_visa"},
    "billing_details": {"email": "b@shop.example"},
}
