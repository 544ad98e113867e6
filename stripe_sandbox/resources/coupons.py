"""Coupons (docs.stripe.com/api/coupons). The value of a coupon never changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stripe_sandbox.http.bounds import (
    check_currency,
    check_lengths,
    check_own_metadata,
    check_percentage,
    check_positive,
)
from stripe_sandbox.http.errors import StripeError, no_such
from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.validation import Params
from stripe_sandbox.money.currencies import MAX_AMOUNT

FIVE_YEARS = 5 * 366 * 24 * 60 * 60  # in seconds
MAX_LENGTHS = {"id": 5000, "name": 40}


@dataclass
class Coupon:
    """A coupon has `amount_off`, in minor units of `currency`, or `percent_off`."""

    id: str
    created: int
    percent_off: Decimal | None
    amount_off: int | None
    currency: str | None
    duration: str
    max_redemptions: int | None
    redeem_by: int | None
    name: str | None
    metadata: dict[str, str]
    times_redeemed: int = 0

    @property
    def shown_name(self) -> str:
        return self.name or self.id

    def is_expired(self, now: int) -> bool:
        return self.redeem_by is not None and now > self.redeem_by

    @property
    def is_used_up(self) -> bool:
        return self.max_redemptions is not None and self.times_redeemed >= self.max_redemptions


def create_coupon(params: Params, *, taken: Mapping[str, Coupon], now: int) -> Coupon:
    """A new coupon; `taken` are those that exist. Raises `StripeError` for wrong parameters."""
    check_lengths(params, MAX_LENGTHS)
    check_own_metadata(params)
    _check_value(params)
    check_positive(params, "max_redemptions")
    if "redeem_by" in params:
        _check_redeem_by(params["redeem_by"], now=now)
    if params.get("id") in taken:
        raise StripeError("Coupon already exists.", param="id", code="resource_already_exists")
    return Coupon(
        id=params.get("id") or new_id("", 8)[1:],
        created=now,
        percent_off=params.get("percent_off"),
        amount_off=params.get("amount_off"),
        currency=params.get("currency"),
        duration=params.get("duration", "once"),
        max_redemptions=params.get("max_redemptions"),
        redeem_by=params.get("redeem_by"),
        name=params.get("name"),
        metadata=params.get("metadata") or {},
    )


def _check_value(params: Params) -> None:
    if "percent_off" in params and "amount_off" in params:
        raise StripeError(
            "Received both percent_off and amount_off parameters. Please pass in only one."
        )
    if "percent_off" in params:
        check_percentage(params["percent_off"], "percent_off", least="0.01", decimals=2)
        if "currency" in params:
            raise StripeError("You must pass amount_off when passing currency", param="currency")
        return
    if "amount_off" not in params:
        raise StripeError("Must provide percent_off or amount_off.")
    check_positive(params, "amount_off")
    if params["amount_off"] > MAX_AMOUNT:
        raise StripeError(f"Invalid integer: {params['amount_off']}", param="amount_off")
    if "currency" not in params:
        raise StripeError("You must pass currency when passing amount_off", param="currency")
    check_currency(params["currency"], "currency")


def _check_redeem_by(redeem_by: int, *, now: int) -> None:
    if redeem_by <= now:
        raise StripeError("`redeem_by` must be in the future.", param="redeem_by")
    if redeem_by > now + FIVE_YEARS:
        raise StripeError("`redeem_by` can't be more than 5 years from now.", param="redeem_by")


def coupon_to_apply(
    coupons: Mapping[str, Coupon], coupon_id: str, *, currency: str, now: int
) -> Coupon:
    """The coupon for a new session in `currency`. Raises `StripeError` if it can't be applied."""
    param = "discounts[0][coupon]"
    if coupon_id not in coupons:
        raise no_such("coupon", coupon_id, param=param, is_kept=True)
    coupon = coupons[coupon_id]
    if coupon.is_expired(now):
        raise StripeError(
            f"Coupon expired: {coupon_id}", param=param, code="coupon_expired", is_kept=True
        )
    if coupon.is_used_up:
        raise StripeError(
            f"Coupon {coupon_id} is used up and cannot be applied.", param=param, is_kept=True
        )
    if coupon.currency not in (None, currency):
        raise StripeError(
            f"The coupon default currency ({coupon.currency}) does not match the line item "
            f"currency ({currency}).",
            param=param,
        )
    return coupon


def coupon_json(coupon: Coupon, *, now: int) -> dict[str, Any]:
    return {
        "id": coupon.id,
        "object": "coupon",
        "amount_off": coupon.amount_off,
        "created": coupon.created,
        "currency": coupon.currency,
        "duration": coupon.duration,
        "duration_in_months": None,
        "livemode": False,
        "max_redemptions": coupon.max_redemptions,
        "metadata": coupon.metadata,
        "name": coupon.name,
        "percent_off": None if coupon.percent_off is None else float(coupon.percent_off),
        "redeem_by": coupon.redeem_by,
        "times_redeemed": coupon.times_redeemed,
        "valid": not coupon.is_expired(now) and not coupon.is_used_up,
    }
