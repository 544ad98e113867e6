"""Statement descriptors (docs.stripe.com/get-started/account/statement-descriptors)."""

import re

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.validation import Params

# Every account has this prefix. It is as long as a prefix can be, so that a suffix which fits here
# fits at every account of Stripe.
PREFIX = "LOCAL SHOP"
LONGEST = 22
FORBIDDEN = "<>\\'\"*"


def check_statement(params: Params, *, parent: str = "") -> None:
    """Check the texts of a buyer's bank statement. `parent` is the parameter that contains them."""
    for name, prefix in (("statement_descriptor", ""), ("statement_descriptor_suffix", PREFIX)):
        if params.get(name):
            _check(params[name], prefix, f"{parent}[{name}]" if parent else name)


def statement(suffix: str | None) -> str:
    """What the bank statement of a card says."""
    return f"{PREFIX}* {suffix}".upper() if suffix else PREFIX


def _check(text: str, prefix: str, name: str) -> None:
    complete = f"{prefix}* {text}" if prefix else text
    if len(complete) > LONGEST:
        raise StripeError(
            f"The statement descriptor must be at most {LONGEST} characters. {complete} is "
            f"{len(complete)} characters long.",
            param=name,
        )
    if set(text) & set(FORBIDDEN):
        raise StripeError(
            f"The statement descriptor can't contain any of these characters: {FORBIDDEN}",
            param=name,
        )
    if not re.search("[A-Za-z]", text):
        raise StripeError(
            "The statement descriptor must contain at least one alphabetic character.", param=name
        )
