"""The parameters that the local Stripe supports.

All others that Stripe has are refused: a parameter that is silently ignored here would behave
differently at Stripe. To support another one, add it here first.
"""

from collections.abc import Mapping
from typing import Any

from stripe_sandbox.http.errors import not_implemented
from stripe_sandbox.http.validation import Params, walk

type Values = Mapping[str, tuple[Any, ...]]

NO_VALUES: Values = {}

_SESSION = frozenset(
    {
        "allowed_payment_method_types",
        "cancel_url",
        "client_reference_id",
        "currency",
        "customer_email",
        "discounts",
        "discounts.coupon",
        "expand",
        "expires_at",
        "integration_identifier",
        "line_items",
        "line_items.metadata",
        "line_items.price_data",
        "line_items.price_data.currency",
        "line_items.price_data.product_data",
        "line_items.price_data.product_data.description",
        "line_items.price_data.product_data.images",
        "line_items.price_data.product_data.metadata",
        "line_items.price_data.product_data.name",
        "line_items.price_data.product_data.unit_label",
        "line_items.price_data.tax_behavior",
        "line_items.price_data.unit_amount",
        "line_items.price_data.unit_amount_decimal",
        "line_items.quantity",
        "line_items.tax_rates",
        "locale",
        "metadata",
        "payment_intent_data",
        "payment_intent_data.description",
        "payment_intent_data.metadata",
        "payment_intent_data.receipt_email",
        "payment_intent_data.statement_descriptor",
        "payment_intent_data.statement_descriptor_suffix",
        "shipping_address_collection",
        "shipping_address_collection.allowed_countries",
        "success_url",
    }
)

# Supported with these values only, mostly the defaults.
SESSION_VALUES: Values = {
    "adaptive_pricing.enabled": (False,),
    "allow_promotion_codes": (False,),
    "automatic_tax.enabled": (False,),
    "billing_address_collection": ("auto",),
    "consent_collection.terms_of_service": ("none", "required"),
    "customer_creation": ("if_required",),
    "invoice_creation.enabled": (False,),
    "line_items.adjustable_quantity.enabled": (False,),
    "mode": ("payment",),
    "origin_context": ("web",),
    "payment_intent_data.capture_method": ("automatic", "automatic_async"),
    "phone_number_collection.enabled": (False, True),
    "submit_type": ("auto", "pay"),
    "tax_id_collection.enabled": (False, True),
    "tax_id_collection.required": ("never",),
    "ui_mode": ("hosted_page",),
}
SESSION = _SESSION | {path.rpartition(".")[0] for path in SESSION_VALUES}  # with their parents

COUPON = frozenset(
    {
        "amount_off",
        "currency",
        "duration",
        "expand",
        "id",
        "max_redemptions",
        "metadata",
        "name",
        "percent_off",
        "redeem_by",
    }
)
COUPON_VALUES: Values = {"duration": ("once", "forever")}  # the same for a one-time payment
COUPON_LIST = frozenset({"ending_before", "expand", "limit", "starting_after"})

TAX_RATE = frozenset(
    {
        "active",
        "country",
        "description",
        "display_name",
        "expand",
        "inclusive",
        "jurisdiction",
        "metadata",
        "percentage",
        "state",
        "tax_type",
    }
)
TAX_RATE_LIST = COUPON_LIST | {"active", "inclusive"}

CREATED = frozenset({"created", "created.gt", "created.gte", "created.lt", "created.lte"})
EVENT_LIST = COUPON_LIST - {"expand"} | CREATED | {"delivery_success", "type", "types"}
SESSION_LIST = COUPON_LIST | CREATED | {"payment_intent", "status"}
INTENT_LIST = COUPON_LIST | CREATED

REFUND = frozenset({"amount", "charge", "expand", "metadata", "payment_intent", "reason"})
REFUND_LIST = COUPON_LIST | CREATED | {"charge", "payment_intent"}
DISPUTE_LIST = REFUND_LIST

_METHOD = {
    "payment_method",
    "payment_method_data",
    "payment_method_data.billing_details",
    "payment_method_data.billing_details.address",
    "payment_method_data.billing_details.address.city",
    "payment_method_data.billing_details.address.country",
    "payment_method_data.billing_details.address.line1",
    "payment_method_data.billing_details.address.line2",
    "payment_method_data.billing_details.address.postal_code",
    "payment_method_data.billing_details.address.state",
    "payment_method_data.billing_details.email",
    "payment_method_data.billing_details.name",
    "payment_method_data.billing_details.phone",
    "payment_method_data.card",  # with a publishable key only
    "payment_method_data.card.cvc",
    "payment_method_data.card.exp_month",
    "payment_method_data.card.exp_year",
    "payment_method_data.card.number",
    "payment_method_data.sepa_debit",
    "payment_method_data.sepa_debit.iban",
}
_SHIPPING = {
    "shipping",
    "shipping.address",
    "shipping.address.city",
    "shipping.address.country",
    "shipping.address.line1",
    "shipping.address.line2",
    "shipping.address.postal_code",
    "shipping.address.state",
    "shipping.carrier",
    "shipping.name",
    "shipping.phone",
    "shipping.tracking_number",
}
PAYMENT_METHOD = frozenset(
    {
        "billing_details",
        "billing_details.email",
        "billing_details.name",
        "card",
        "card.token",
        "expand",
        "metadata",
    }
)
PAYMENT_METHOD_VALUES: Values = {"type": ("card",)}
# The fields of the intent that an update sets to the value that was sent.
INTENT_FIELDS = frozenset(
    {
        "amount",
        "currency",
        "description",
        "receipt_email",
        "statement_descriptor",
        "statement_descriptor_suffix",
    }
)
INTENT_UPDATE = INTENT_FIELDS | _SHIPPING | {"expand", "metadata"}
INTENT_CONFIRM = (
    frozenset(_METHOD) | _SHIPPING | {"client_secret", "expand", "receipt_email", "return_url"}
)
INTENT = (
    INTENT_UPDATE | _METHOD | {"allowed_payment_method_types", "automatic_payment_methods"}
) | {"automatic_payment_methods.allow_redirects", "confirm", "return_url"}
INTENT_VALUES: Values = {
    "automatic_payment_methods.enabled": (True,),
    "capture_method": ("automatic", "automatic_async"),
    "confirmation_method": ("automatic",),
    "error_on_requires_action": (False,),
    "off_session": (False,),
    "payment_method_data.type": ("card", "sepa_debit", "multibanco", "customer_balance"),
    "use_stripe_sdk": (False, True),
}


def refuse_unsupported(params: Params, names: frozenset[str], values: Values = NO_VALUES) -> None:
    """Raise `StripeError` for a parameter other than `names`, or another value than `values`.

    Names are paths without indexes: `line_items.price_data.currency`.
    """
    for node in walk(params):
        if node.path in values:
            if node.value not in values[node.path]:
                described = f"{node.name}: {str(node.value).lower()}"
                raise not_implemented(f"`{described}`", param=node.name)
        elif node.path not in names:
            raise not_implemented(f"`{node.name}`", param=node.name)
