"""Checkout Sessions: made, expired, completed."""

from dataclasses import dataclass, field
from typing import Any

from stripe_sandbox.errors import StripeError
from stripe_sandbox.ids import new_id
from stripe_sandbox.implemented import refuse_what_is_not_implemented
from stripe_sandbox.lines import LineItem, Totals, add_up, check_amounts, read_lines
from stripe_sandbox.session_rules import A_DAY, check_session
from stripe_sandbox.validation import Params


@dataclass
class CheckoutSession:
    account: str
    params: Params
    lines: list[LineItem]
    totals: Totals
    created: int
    expires_at: int
    payment_status: str
    status: str = "open"
    payment_intent: str | None = None
    customer_details: dict[str, Any] | None = None
    id: str = field(default_factory=lambda: new_id("cs_test", 58))

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    @property
    def is_free(self) -> bool:
        return self.totals.total == 0

    def is_due(self, now: int) -> bool:
        return self.is_open and now >= self.expires_at

    @property
    def success_url(self) -> str:
        """Where the buyer goes. Only the literal placeholder counts: `%7B…%7D` stays as it is."""
        url: str = self.params["success_url"]
        return url.replace("{CHECKOUT_SESSION_ID}", self.id)

    @property
    def cancel_url(self) -> str | None:
        url: str | None = self.params.get("cancel_url")
        return url

    def expire(self) -> None:
        if not self.is_open:
            raise StripeError(
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of `{self.status}`."
            )
        self.status = "expired"

    def complete(self, *, email: str, payment_intent: str | None) -> None:
        self.status = "complete"
        self.payment_intent = payment_intent
        if payment_intent is not None:
            self.payment_status = "paid"
        self.customer_details = _customer_details(email)


def create_session(params: Params, *, account: str, now: int) -> CheckoutSession:
    check_session(params, now=now)
    refuse_what_is_not_implemented(params)
    lines = read_lines(params, created=now)
    totals = add_up(lines)
    check_amounts(lines, totals, currency=params.get("currency"))
    return CheckoutSession(
        account=account,
        params=params,
        lines=lines,
        totals=totals,
        created=now,
        expires_at=params.get("expires_at", now + A_DAY),
        payment_status="unpaid" if totals.total else "no_payment_required",
    )


def _customer_details(email: str) -> dict[str, Any]:
    return {
        "address": {
            "city": None,
            "country": "US",
            "line1": None,
            "line2": None,
            "postal_code": None,
            "state": None,
        },
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
