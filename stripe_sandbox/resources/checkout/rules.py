"""Bounds of a Checkout Session's parameters that the parameter types don't express.

The numbers are those of docs.stripe.com/api/checkout/sessions/create.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from stripe_sandbox.http.bounds import check_length, check_metadata, is_email, is_url
from stripe_sandbox.http.errors import StripeError, exclusive, missing, no_such
from stripe_sandbox.http.validation import Node, Params, is_metadata, walk
from stripe_sandbox.resources.payment_intents.statements import check_statement

MAX_ELEMENTS = {
    "line_items": 100,
    "line_items.tax_rates": 10,
    "line_items.price_data.product_data.images": 8,
    "discounts": 1,
    "optional_items": 10,
    "custom_fields": 3,
    "shipping_options": 5,
}
MAX_LENGTHS = {
    "client_reference_id": 200,
    "integration_identifier": 200,
    "customer_email": 512,
    "success_url": 5000,
    "cancel_url": 5000,
    "line_items.price_data.product_data.name": 5000,
    "line_items.price_data.product_data.description": 40000,
    "line_items.price_data.product_data.unit_label": 12,
    "payment_intent_data.description": 1000,
}
MIN_LIFETIME, MAX_LIFETIME = 30 * 60, 24 * 60 * 60  # of a session, in seconds


def check_session(params: Params, *, now: int) -> None:
    """Raises `StripeError` for the first parameter that Stripe would refuse."""
    for node in walk(params):
        _check_size(node)
    _check_top_level(params)
    _check_urls(params)
    if "expires_at" in params:
        _check_expiry(params["expires_at"], now=now)
    check_statement(params.get("payment_intent_data", {}), parent="payment_intent_data")
    _check_discounts(params)
    _check_references(params)
    for position, line in enumerate(params["line_items"]):
        _check_line(line, f"line_items[{position}]")


def _check_size(node: Node) -> None:
    if is_metadata(node.path):
        check_metadata(node.value, node.name)
    most = MAX_ELEMENTS.get(node.path)
    if most is not None and len(node.value) > most:
        raise StripeError(
            f"Array {node.name} exceeded maximum {most} allowed elements.", param=node.name
        )
    if node.path in MAX_LENGTHS:
        check_length(node.value, MAX_LENGTHS[node.path], node.name)


def _check_top_level(params: Params) -> None:
    _require(params, ["mode", "line_items"])
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        return  # refused later as unsupported
    _require(params, ["success_url"])
    if "return_url" in params:
        raise StripeError(
            "`return_url` can't be used with `ui_mode: hosted_page`: pass `success_url`.",
            param="return_url",
        )
    email = params.get("customer_email")
    if email is not None and not is_email(email):
        raise StripeError(
            f"Invalid email address: {email}", param="customer_email", code="email_invalid"
        )


def _require(params: Params, names: Iterable[str]) -> None:
    for name in names:
        if name not in params:
            raise missing(name)


def _check_urls(params: Params) -> None:
    for name in ("success_url", "cancel_url"):
        if name in params and not is_url(params[name]):
            raise _invalid_url(name)


def _is_public_url(text: str) -> bool:
    """Stripe fetches images from its own servers, so an image needs a public address."""
    host = (urlsplit(text).hostname or "") if is_url(text) else ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal"))


def _invalid_url(name: str) -> StripeError:
    return StripeError("Not a valid URL", param=name, code="url_invalid")


def _check_expiry(expires_at: int, *, now: int) -> None:
    if expires_at < now + MIN_LIFETIME:
        bound = "at least 30 minutes from"
    elif expires_at > now + MAX_LIFETIME:
        bound = "less than 24 hours from"
    else:
        return
    raise StripeError(
        f"The `expires_at` timestamp must be {bound} Checkout Session creation.",
        param="expires_at",
    )


def _check_discounts(params: Params) -> None:
    # Stripe refuses `allow_promotion_codes` here even when it is false.
    if "discounts" in params and "allow_promotion_codes" in params:
        raise exclusive("allow_promotion_codes", "discounts")
    for discount in params.get("discounts", []):
        if len(discount) > 1:
            raise exclusive("coupon", "promotion_code", param="discounts[0]")


def _check_references(params: Params) -> None:
    if "customer" in params and "customer_email" in params:
        raise exclusive("customer", "customer_email")
    if "customer" in params:
        raise no_such("customer", params["customer"], param="customer")


def _check_line(line: Params, name: str) -> None:
    if "price" in line and "price_data" in line:
        raise exclusive("price", "price_data", param=name)
    if "price" in line:
        raise no_such("price", line["price"], param=f"{name}[price]")
    if "price_data" not in line:
        raise missing(f"{name}[price_data]")
    if "quantity" not in line:
        raise StripeError(
            f"Quantity is required. Add `quantity` to `{name}`", param=f"{name}[quantity]"
        )
    if line["quantity"] < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.",
            param=f"{name}[quantity]",
            code="parameter_invalid_integer",
        )
    _check_price(line["price_data"], f"{name}[price_data]")


def _check_price(price: Params, name: str) -> None:
    if "product" in price and "product_data" in price:
        raise exclusive("product", "product_data", param=name)
    if "product" in price:
        raise no_such("product", price["product"], param=f"{name}[product]")
    if "product_data" not in price:
        raise StripeError(
            "You must specify either `product` or `product_data` when creating a price.", param=name
        )
    if "recurring" in price:
        raise StripeError(
            "You specified `payment` mode but passed a recurring price. Either switch to "
            "`subscription` mode or use only one-time prices.",
            param=f"{name}[recurring]",
        )
    for position, image in enumerate(price["product_data"].get("images", [])):
        if len(image) > 2048 or not _is_public_url(image):
            raise _invalid_url(f"{name}[product_data][images][{position}]")
