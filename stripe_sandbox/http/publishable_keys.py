"""The calls that a browser may make, with a publishable key and the secret of a PaymentIntent.

The library's parameter types don't describe what Stripe.js sends, above all the card number, which
a server can't send.
"""

from dataclasses import dataclass, replace

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.form_encoding import Tree
from stripe_sandbox.http.parameter_types import Shape

CORS = {
    "Access-Control-Allow-Headers": "authorization, content-type, stripe-version",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Version",
    "Access-Control-Max-Age": "300",
}

_TEXT = Shape("string")
_CARD = Shape(
    "object",
    dict.fromkeys(("number", "cvc", "exp_month", "exp_year"), _TEXT),
    frozenset({"number", "exp_month", "exp_year"}),
)


@dataclass(frozen=True)
class PublicCall:
    """What a call with a publishable key may send."""

    allowed: frozenset[str]

    def shape(self, secret: Shape) -> Shape:
        """The parameters of the call; `secret` are those of a call with a secret key."""
        fields = {**secret.fields, "client_secret": _TEXT}
        method = fields.get("payment_method_data")
        if method is not None:
            kind = method.fields["type"]
            kinds = replace(kind, choices=("card", *kind.choices))
            with_card = {**method.fields, "card": _CARD, "type": kinds}
            fields["payment_method_data"] = replace(method, fields=with_card)
        return replace(secret, fields=fields)

    def check(self, form: dict[str, Tree], known: Shape) -> None:
        """Raise `StripeError` 403 for a parameter that needs a secret key."""
        for name in form:
            if name in known.fields and name not in self.allowed:
                raise StripeError(
                    f"The parameter `{name}` can't be passed with a publishable API key. Please "
                    "use a secret API key.",
                    param=name,
                    code="secret_key_required",
                    status=403,
                )


RETRIEVE = PublicCall(frozenset({"client_secret"}))
CONFIRM = PublicCall(
    frozenset(
        {
            "client_secret",
            "mandate_data",
            "payment_method",
            "payment_method_data",
            "receipt_email",
            "return_url",
            "shipping",
            "use_stripe_sdk",
        }
    )
)
