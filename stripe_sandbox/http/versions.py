"""API versions. Every version is accepted, and answered with the fields of the library's.

Only what endive has removed makes a difference, because other versions still have it.
"""

import re

from starlette.datastructures import Headers

from stripe_sandbox.http.errors import StripeError, not_implemented
from stripe_sandbox.http.form_encoding import Tree
from stripe_sandbox.http.parameter_types import Shape, api_version

ENDIVE = "2026-09-30"  # docs.stripe.com/changelog/endive


def version_of(headers: Headers) -> str:
    """The version in `Stripe-Version`; a call without it gets that of the installed library.

    Raises `StripeError` if it is none.
    """
    version = headers.get("stripe-version", api_version())
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(\.\w+)?", version):
        raise StripeError(f"Invalid Stripe API version: {version}")
    if "stripe-account" in headers:
        raise not_implemented("the Stripe-Account header")
    return version


def in_words_of_endive(form: dict[str, Tree], shape: Shape, version: str) -> dict[str, Tree]:
    """The parameters of a call, where endive has renamed one.

    Older versions name the payment methods in `payment_method_types`.
    """
    old, new = "payment_method_types", "allowed_payment_method_types"
    if version >= ENDIVE or old not in form or new not in shape.fields:
        return form
    return {new if name == old else name: value for name, value in form.items()}
