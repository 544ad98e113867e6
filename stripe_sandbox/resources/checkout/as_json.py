"""The JSON of Checkout Sessions and their line items."""

from typing import Any

from stripe_sandbox.money.rounding import plain
from stripe_sandbox.resources.checkout.collection import collection_json, information_json
from stripe_sandbox.resources.checkout.line_items import LineItem
from stripe_sandbox.resources.checkout.sessions import CheckoutSession


# Longer than 30 lines because every field of the object is listed.
def session_json(session: CheckoutSession, *, origin: str) -> dict[str, Any]:
    """The session; `origin` is the address of its payment page.

    Like Stripe, it leaves out the optional fields of features that aren't used.
    """
    params, is_complete = session.params, session.status == "complete"
    return {
        "id": session.id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": session.totals.subtotal,
        "amount_total": session.totals.total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": information_json(session.collected) if is_complete else None,
        "created": session.created,
        "currency": session.totals.currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_account": None,
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_details": session.customer_details,
        "customer_email": params.get("customer_email"),
        "discounts": _discounts(session),
        "expires_at": session.expires_at,
        "integration_identifier": params.get("integration_identifier"),
        "invoice": None,
        "invoice_creation": _no_invoice(),
        "livemode": False,
        "locale": params.get("locale"),
        "managed_payments": None,
        "metadata": params.get("metadata", {}),
        "mode": params["mode"],
        "optional_items": None,
        "origin_context": params.get("origin_context"),
        "payment_intent": session.payment_intent,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": session.payment_method_types,
        "payment_status": session.payment_status,
        "permissions": None,
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": session.status,
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        **collection_json(params, session.collected),
        "total_details": {
            "amount_discount": session.totals.discount,
            "amount_shipping": 0,
            "amount_tax": session.totals.tax,
        },
        "ui_mode": params.get("ui_mode", "hosted_page"),
        "url": f"{origin}/c/pay/{session.id}" if session.is_open else None,
        "wallet_options": None,
    }


def _discounts(session: CheckoutSession) -> list[dict[str, Any]]:
    coupon = session.coupon
    return [] if coupon is None else [{"coupon": coupon.id, "promotion_code": None}]


def line_json(line: LineItem) -> dict[str, Any]:
    return {
        "id": line.id,
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": line.amount_discount,
        "amount_subtotal": line.amount_subtotal,
        "amount_tax": line.amount_tax,
        "amount_total": line.amount_total,
        "currency": line.currency,
        "description": line.name,
        "metadata": line.metadata,
        "price": _price(line),
        "quantity": line.quantity,
    }


def _price(line: LineItem) -> dict[str, Any]:
    whole = line.unit_amount == line.unit_amount.to_integral_value()
    return {
        "id": line.price_id,
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": line.created,
        "currency": line.currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": line.product["id"],
        "recurring": None,
        "tax_behavior": line.tax_behavior,
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": int(line.unit_amount) if whole else None,
        "unit_amount_decimal": plain(line.unit_amount),
    }


def _no_invoice() -> dict[str, Any]:
    return {
        "enabled": False,
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": None,
            "metadata": {},
            "rendering_options": None,
        },
    }
