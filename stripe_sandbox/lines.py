"""The lines of a Checkout Session and what they add up to."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stripe_sandbox.currencies import KNOWN, display, minimum, smallest_step
from stripe_sandbox.errors import StripeError, exclusive, missing
from stripe_sandbox.ids import new_id
from stripe_sandbox.validation import Params

MOST = 999_999_999_999  # twelve digits: docs.stripe.com/currencies


@dataclass
class LineItem:
    """One line; its amounts are in the smallest unit of the currency, for the whole quantity."""

    currency: str
    unit_amount: Decimal
    quantity: int
    product: dict[str, Any]
    tax_behavior: str
    metadata: dict[str, str]
    created: int
    amount_discount: int = 0
    amount_tax: int = 0
    id: str = field(default_factory=lambda: new_id("li"))
    price_id: str = field(default_factory=lambda: new_id("price"))

    @property
    def name(self) -> str:
        return str(self.product["name"])

    @property
    def amount_subtotal(self) -> int:
        return int((self.unit_amount * self.quantity).quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def amount_total(self) -> int:
        return self.amount_subtotal - self.amount_discount + self.amount_tax


@dataclass(frozen=True)
class Totals:
    currency: str
    subtotal: int
    discount: int
    tax: int

    @property
    def total(self) -> int:
        return self.subtotal - self.discount + self.tax


def read_lines(params: Params, *, created: int) -> list[LineItem]:
    return [
        _read_line(line, f"line_items[{position}]", created)
        for position, line in enumerate(params["line_items"])
    ]


def add_up(lines: list[LineItem]) -> Totals:
    return Totals(
        currency=lines[0].currency,
        subtotal=sum(line.amount_subtotal for line in lines),
        discount=sum(line.amount_discount for line in lines),
        tax=sum(line.amount_tax for line in lines),
    )


def check_amounts(lines: list[LineItem], totals: Totals, *, currency: str | None) -> None:
    """Raises `StripeError` for mixed currencies and for a total that can't be charged."""
    if {line.currency for line in lines} | {currency or totals.currency} != {totals.currency}:
        raise StripeError(
            "All prices of a Checkout Session must have the same currency.", param="line_items"
        )
    least = minimum(totals.currency)
    if 0 < totals.total < least:
        raise StripeError(
            "The Checkout Session's total amount due must add up to at least "
            f"{display(least, totals.currency)} {totals.currency}",
            code="amount_too_small",
        )
    if totals.total > MOST:
        raise StripeError(
            "The Checkout Session's total amount due must be no more than "
            f"{display(MOST, totals.currency)} {totals.currency}",
            code="amount_too_large",
        )
    step = smallest_step(totals.currency)
    if totals.total % step:
        raise StripeError(
            f"Invalid integer: {totals.total}. Amounts in {totals.currency} must be a multiple of "
            f"{step}.",
            code="parameter_invalid_integer",
        )


def _read_line(line: Params, name: str, created: int) -> LineItem:
    price = line["price_data"]
    return LineItem(
        currency=_currency(price["currency"], f"{name}[price_data][currency]"),
        unit_amount=_unit_amount(price, f"{name}[price_data]"),
        quantity=line["quantity"],
        product=_product(price["product_data"], created),
        tax_behavior=price.get("tax_behavior", "unspecified"),
        metadata=line.get("metadata", {}),
        created=created,
    )


def _currency(currency: str, name: str) -> str:
    if currency not in KNOWN:
        raise StripeError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{', '.join(sorted(KNOWN))}",
            param=name,
        )
    return currency


def _unit_amount(price: Params, name: str) -> Decimal:
    if "unit_amount" in price and "unit_amount_decimal" in price:
        raise exclusive("unit_amount", "unit_amount_decimal", param=name)
    for key in ("unit_amount", "unit_amount_decimal"):
        if key in price:
            if price[key] < 0:
                raise StripeError(
                    "Invalid non-negative integer",
                    param=f"{name}[{key}]",
                    code="parameter_invalid_integer",
                )
            return Decimal(price[key])
    raise missing(f"{name}[unit_amount]")


def _product(described: Params, created: int) -> dict[str, Any]:
    """Inline prices make a product that can't be used again."""
    return {
        "id": new_id("prod", 14),
        "object": "product",
        "active": False,
        "created": created,
        "default_price": None,
        "description": described.get("description"),
        "images": described.get("images", []),
        "livemode": False,
        "marketing_features": [],
        "metadata": described.get("metadata", {}),
        "name": described["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": described.get("unit_label"),
        "updated": created,
        "url": None,
    }
