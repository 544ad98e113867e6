from cart.models.discount import Discount, DiscountRefused, Refusal, normalized_code
from cart.models.order import (
    HELD,
    OPEN,
    STEPS,
    IllegalStep,
    Order,
    OrderLine,
    OrderTax,
    State,
    new_token,
)
from cart.models.tax import Tax

__all__ = [
    "HELD",
    "OPEN",
    "STEPS",
    "Discount",
    "DiscountRefused",
    "IllegalStep",
    "Order",
    "OrderLine",
    "OrderTax",
    "Refusal",
    "State",
    "Tax",
    "new_token",
    "normalized_code",
]
