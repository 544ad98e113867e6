from cart.models.alert import OrderAlert
from cart.models.cause import Cause, HistoryKind
from cart.models.discount import Discount, DiscountProblem, DiscountRefused, normalized_code
from cart.models.history import CausedStep, OrderStep, legal_steps
from cart.models.note import StaffNote
from cart.models.order import (
    MAX_EMAIL_LENGTH,
    OPEN_CART,
    TO_SHIP,
    Order,
    new_number,
    new_token,
)
from cart.models.order_line import MAX_QUANTITY, LineTax, OrderLine, OrderTax
from cart.models.shipping import ShownShipping
from cart.models.shipping_address import ShippingAddress
from cart.models.shipping_rate import ShippingRate
from cart.models.state import HELD, OPEN, STEPS, IllegalStep, State
from cart.models.tax import Tax

__all__ = [
    "HELD",
    "MAX_EMAIL_LENGTH",
    "MAX_QUANTITY",
    "OPEN",
    "OPEN_CART",
    "STEPS",
    "TO_SHIP",
    "Cause",
    "CausedStep",
    "Discount",
    "DiscountProblem",
    "DiscountRefused",
    "HistoryKind",
    "IllegalStep",
    "LineTax",
    "Order",
    "OrderAlert",
    "OrderLine",
    "OrderStep",
    "OrderTax",
    "ShippingAddress",
    "ShippingRate",
    "ShownShipping",
    "StaffNote",
    "State",
    "Tax",
    "legal_steps",
    "new_number",
    "new_token",
    "normalized_code",
]
