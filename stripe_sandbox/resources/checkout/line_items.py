"""The line items of a Checkout Session and their totals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stripe_sandbox.http.bounds import check_currency, check_divisible
from stripe_sandbox.http.errors import StripeError, exclusive, missing
from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.validation import Params
from stripe_sandbox.money.currencies import (
    MAX_AMOUNT,
    approximately,
    display,
    minimum,
    too_small_to_convert,
)
from stripe_sandbox.money.rounding import Rate
from stripe_sandbox.resources.tax_rates import TaxRate, rates_to_apply


@dataclass(frozen=True)
class Tax:
    """The tax of a line or session at one rate, in minor units; `taxable` is the taxed amount."""

    tax_rate: TaxRate
    amount: int
    taxable: int


@dataclass
class LineItem:
    """A line item. Its amounts are in minor units and for the whole quantity."""

    currency: str
    unit_amount: Decimal
    quantity: int
    product: dict[str, Any]
    tax_behavior: str
    metadata: dict[str, str]
    created: int
    tax_rates: list[TaxRate]
    amount_discount: int = 0
    taxes: list[Tax] = field(default_factory=list)
    id: str = field(default_factory=lambda: new_id("li"))
    price_id: str = field(default_factory=lambda: new_id("price"))

    @property
    def name(self) -> str:
        return str(self.product["name"])

    @property
    def amount_subtotal(self) -> int:
        return int((self.unit_amount * self.quantity).quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def amount_discounted(self) -> int:
        return self.amount_subtotal - self.amount_discount

    @property
    def rates(self) -> list[Rate]:
        return [tax_rate.rate for tax_rate in self.tax_rates]

    @property
    def amount_tax(self) -> int:
        """All taxes, inclusive ones too."""
        return sum(tax.amount for tax in self.taxes)

    @property
    def amount_total(self) -> int:
        added = (tax.amount for tax in self.taxes if not tax.tax_rate.rate.inclusive)
        return self.amount_discounted + sum(added)


@dataclass(frozen=True)
class Totals:
    """The totals of a session, in minor units. `tax` counts inclusive taxes too."""

    currency: str
    subtotal: int
    discount: int
    taxes: list[Tax]  # one for each rate
    total: int

    @property
    def tax(self) -> int:
        return sum(tax.amount for tax in self.taxes)


def read_lines(params: Params, *, tax_rates: Mapping[str, TaxRate], created: int) -> list[LineItem]:
    """The line items of the parameters. Raises `StripeError` for a wrong price or tax rate."""
    return [
        _read_line(line, f"line_items[{position}]", tax_rates, created)
        for position, line in enumerate(params["line_items"])
    ]


def add_up(lines: list[LineItem]) -> Totals:
    """The totals of all lines; the discount and the taxes must be applied already."""
    return Totals(
        currency=lines[0].currency,
        subtotal=sum(line.amount_subtotal for line in lines),
        discount=sum(line.amount_discount for line in lines),
        taxes=_taxes_by_rate(lines),
        total=sum(line.amount_total for line in lines),
    )


def _taxes_by_rate(lines: list[LineItem]) -> list[Tax]:
    by_rate: dict[str, list[Tax]] = {}
    for tax in (tax for line in lines for tax in line.taxes):
        by_rate.setdefault(tax.tax_rate.id, []).append(tax)
    return [
        Tax(same[0].tax_rate, sum(t.amount for t in same), sum(t.taxable for t in same))
        for same in by_rate.values()
    ]


def check_currencies(lines: list[LineItem], *, currency: str | None) -> None:
    """Raises `StripeError` unless all lines have the same currency, which is the session's."""
    if len({line.currency for line in lines} | {currency or lines[0].currency}) > 1:
        raise StripeError(
            "All prices of a Checkout Session must have the same currency.", param="line_items"
        )


def check_total(totals: Totals) -> None:
    """Raises `StripeError` for a total that is too small, too large, or between two steps."""
    least = minimum(totals.currency)
    if 0 < totals.total < least:
        raise StripeError(
            "The Checkout Session's total amount due must add up to at least "
            f"{display(least, totals.currency)} {totals.currency}",
            code="amount_too_small",
        )
    if totals.total > MAX_AMOUNT:
        raise StripeError(
            "The Checkout Session's total amount due must be no more than "
            f"{display(MAX_AMOUNT, totals.currency)} {totals.currency}",
            code="amount_too_large",
        )
    check_divisible(totals.total, totals.currency)
    if totals.total and too_small_to_convert(totals.total, totals.currency):
        raise StripeError(
            "The Checkout Session's total amount must convert to at least 50 cents. "
            f"{approximately(totals.total, totals.currency)}",
            code="amount_too_small",
        )


def _read_line(line: Params, name: str, tax_rates: Mapping[str, TaxRate], created: int) -> LineItem:
    price = line["price_data"]
    check_currency(price["currency"], f"{name}[price_data][currency]")
    read = LineItem(
        currency=price["currency"],
        unit_amount=_unit_amount(price, f"{name}[price_data]"),
        quantity=line["quantity"],
        product=_product(price["product_data"], created),
        tax_behavior=price.get("tax_behavior", "unspecified"),
        metadata=line.get("metadata", {}),
        created=created,
        tax_rates=rates_to_apply(tax_rates, line.get("tax_rates", []), f"{name}[tax_rates]"),
    )
    check_divisible(read.amount_subtotal, read.currency, f"{name}[price_data]")
    return read


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
    """The product of an inline price; it can't be used again."""
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
        "tax_details": None,
        "type": "service",
        "unit_label": described.get("unit_label"),
        "updated": created,
        "url": None,
    }
