from cart.admin import held_pieces
from cart.admin.discounts import DiscountAdmin
from cart.admin.shipping_rates import ShippingRateAdmin
from cart.admin.taxes import TaxAdmin

__all__ = ["DiscountAdmin", "ShippingRateAdmin", "TaxAdmin", "held_pieces"]
