from cart.models.discount import Discount, DiscountRefused, Refusal, normalized_code
from cart.models.history import OrderStep, legal_steps
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
    "OrderStep",
    "OrderTax",
    "Refusal",
    "State",
    "Tax",
    "legal_steps",
    "new_token",
    "normalized_code",
]
