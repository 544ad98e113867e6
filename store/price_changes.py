"""Raise or lower prices by a percentage or an amount."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from store.money import charge_step, to_minor


@dataclass(frozen=True)
class PriceChange:
    """`number` is a percentage if `currency` is empty, else an amount in units of the currency.

    It is negative to lower prices.
    """

    number: Decimal
    currency: str = ""

    def applies_to(self, currency: str) -> bool:
        return self.currency in ("", currency)

    def new_amount(self, amount: int, currency: str) -> int:
        """The changed price, rounded half up to a charge step; both in minor units.

        Raises InvalidAmount if `number` has more decimals than the currency.
        """
        if self.currency:
            return amount + to_minor(self.number, currency)
        step = charge_step(currency)
        exact = amount * (100 + self.number) / 100
        return int((exact / step).quantize(Decimal(1), ROUND_HALF_UP)) * step
