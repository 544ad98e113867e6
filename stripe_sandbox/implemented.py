"""What this program understands of a Checkout Session's parameters.

Everything else that Stripe has is refused, so that nothing passes here by being ignored. A new
ability begins with a line here.
"""

from typing import Any

from stripe_sandbox.errors import not_implemented
from stripe_sandbox.validation import Node, Params, walk

SESSION = frozenset(
    {
        "allowed_payment_method_types",
        "cancel_url",
        "client_reference_id",
        "currency",
        "customer_email",
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
        "locale",
        "metadata",
        "payment_intent_data",
        "payment_intent_data.description",
        "payment_intent_data.metadata",
        "payment_intent_data.receipt_email",
        "payment_intent_data.statement_descriptor",
        "payment_intent_data.statement_descriptor_suffix",
        "success_url",
    }
)

# Understood with these values only: mostly those that ask for nothing.
SESSION_VALUES: dict[str, tuple[Any, ...]] = {
    "adaptive_pricing.enabled": (False,),
    "allow_promotion_codes": (False,),
    "automatic_tax.enabled": (False,),
    "billing_address_collection": ("auto",),
    "customer_creation": ("if_required",),
    "invoice_creation.enabled": (False,),
    "line_items.adjustable_quantity.enabled": (False,),
    "mode": ("payment",),
    "origin_context": ("web",),
    "payment_intent_data.capture_method": ("automatic", "automatic_async"),
    "phone_number_collection.enabled": (False,),
    "submit_type": ("auto", "pay"),
    "tax_id_collection.enabled": (False,),
    "ui_mode": ("hosted_page",),
}


def refuse_what_is_not_implemented(params: Params) -> None:
    for node in walk(params):
        if not _is_implemented(node):
            raise not_implemented(f"`{_described(node)}`", param=node.name)
    if "card" not in params.get("allowed_payment_method_types", ["card"]):
        raise not_implemented(
            "payment methods other than cards", param="allowed_payment_method_types"
        )


def _is_implemented(node: Node) -> bool:
    if node.path in SESSION_VALUES:
        return node.value in SESSION_VALUES[node.path]
    return node.path in SESSION or node.path in _PARENTS


def _described(node: Node) -> str:
    if node.path in SESSION_VALUES:
        return f"{node.name}: {str(node.value).lower()}"
    return node.name


_PARENTS = frozenset(path.rpartition(".")[0] for path in SESSION_VALUES)
