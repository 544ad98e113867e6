"""Checkout Sessions: create, expire, complete (docs.stripe.com/api/checkout/sessions)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.supported_parameters import SESSION, SESSION_VALUES, refuse_unsupported
from stripe_sandbox.http.validation import Params
from stripe_sandbox.money.rounding import Rounding
from stripe_sandbox.resources.checkout.collection import (
    Collected,
    check_countries,
    check_terms,
    details_json,
)
from stripe_sandbox.resources.checkout.discounts_and_taxes import apply_discount, apply_taxes
from stripe_sandbox.resources.checkout.line_items import (
    LineItem,
    Totals,
    add_up,
    check_currencies,
    check_total,
    read_lines,
)
from stripe_sandbox.resources.checkout.rules import MAX_LIFETIME, check_session
from stripe_sandbox.resources.coupons import Coupon, coupon_to_apply
from stripe_sandbox.resources.payment_intents.payment_methods import offered_types
from stripe_sandbox.resources.payment_intents.rules import check_payment_method_types
from stripe_sandbox.resources.tax_rates import TaxRate


@dataclass
class CheckoutSession:
    """`params` are those of the call that created it. `created` and `expires_at` are timestamps."""

    account: str
    params: Params
    lines: list[LineItem]
    totals: Totals
    coupon: Coupon | None
    created: int
    expires_at: int
    payment_status: str
    status: str = "open"
    payment_intent: str | None = None
    customer_details: dict[str, Any] | None = None
    id: str = field(default_factory=lambda: new_id("cs_test", 58))
    collected: Collected = Collected()
    discount_id: str = field(default_factory=lambda: new_id("di"))

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    @property
    def is_free(self) -> bool:
        return self.totals.total == 0

    def is_due(self, now: int) -> bool:
        return self.is_open and now >= self.expires_at

    @property
    def payment_method_types(self) -> list[str]:
        allowed = self.params.get("allowed_payment_method_types")
        return [] if self.is_free else offered_types(self.totals.currency, allowed)

    @property
    def success_url(self) -> str:
        """The address with the session's id in place of a literal placeholder (not `%7B…%7D`)."""
        url: str = self.params["success_url"]
        return url.replace("{CHECKOUT_SESSION_ID}", self.id)

    @property
    def cancel_url(self) -> str | None:
        url: str | None = self.params.get("cancel_url")
        return url

    def expire(self) -> None:
        """Raises `StripeError` if the session isn't open."""
        if not self.is_open:
            raise StripeError(
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of `{self.status}`."
            )
        self.status = "expired"

    def complete(self, *, email: str, is_paid: bool) -> None:
        """A delayed payment completes the session before it is paid."""
        self.status = "complete"
        if is_paid:
            self.payment_status = "paid"
        self.customer_details = details_json(self.collected, email=email)
        if self.coupon is not None:
            self.coupon.times_redeemed += 1


def create_session(
    params: Params,
    *,
    account: str,
    coupons: Mapping[str, Coupon],
    tax_rates: Mapping[str, TaxRate],
    rounding: Rounding,
    terms_url: str | None,
    now: int,
) -> CheckoutSession:
    """A new session with its totals. Raises `StripeError` for wrong or unsupported parameters."""
    check_session(params, now=now)
    refuse_unsupported(params, SESSION, SESSION_VALUES)
    check_terms(params, terms_url=terms_url)
    check_countries(params)
    lines = read_lines(params, tax_rates=tax_rates, created=now)
    check_currencies(lines, currency=params.get("currency"))
    coupon = _coupon(params, coupons, currency=lines[0].currency, now=now)
    totals = _totals(lines, coupon, rounding)
    check_payment_method_types(totals.currency, params.get("allowed_payment_method_types"))
    return CheckoutSession(
        account=account,
        params=params,
        lines=lines,
        totals=totals,
        coupon=coupon,
        created=now,
        expires_at=params.get("expires_at", now + MAX_LIFETIME),
        payment_status="unpaid" if totals.total else "no_payment_required",
    )


def _coupon(
    params: Params, coupons: Mapping[str, Coupon], *, currency: str, now: int
) -> Coupon | None:
    for discount in params.get("discounts", []):
        return coupon_to_apply(coupons, discount["coupon"], currency=currency, now=now)
    return None


def _totals(lines: list[LineItem], coupon: Coupon | None, rounding: Rounding) -> Totals:
    if coupon is not None:
        apply_discount(lines, coupon, rounding)
    apply_taxes(lines, rounding)
    totals = add_up(lines)
    check_total(totals)
    return totals
