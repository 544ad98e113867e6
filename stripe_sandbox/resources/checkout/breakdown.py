"""The JSON of the discounts and taxes of a session or line, sent only when it is expanded."""

from typing import Any

from stripe_sandbox.resources.checkout.line_items import LineItem, Tax
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.resources.tax_rates import tax_rate_json


def breakdown(session: CheckoutSession) -> dict[str, Any]:
    return {
        "discounts": _discounts(session, session.totals.discount),
        "taxes": [_tax(tax) for tax in session.totals.taxes],
    }


def line_discounts(session: CheckoutSession, line: LineItem) -> list[dict[str, Any]]:
    return _discounts(session, line.amount_discount)


def line_taxes(line: LineItem) -> list[dict[str, Any]]:
    return [_tax(tax) for tax in line.taxes]


def _discounts(session: CheckoutSession, amount: int) -> list[dict[str, Any]]:
    if session.coupon is None:
        return []
    discount = {
        "id": session.discount_id,
        "object": "discount",
        "checkout_session": session.id,
        "customer": None,
        "customer_account": None,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": session.coupon.id, "type": "coupon"},
        "start": session.created,
        "subscription": None,
        "subscription_item": None,
    }
    return [{"amount": amount, "discount": discount}]


def _tax(tax: Tax) -> dict[str, Any]:
    return {
        "amount": tax.amount,
        "rate": tax_rate_json(tax.tax_rate),
        "taxability_reason": None,
        "taxable_amount": tax.taxable,
    }
