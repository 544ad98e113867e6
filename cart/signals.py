from django.dispatch import Signal

# The buyer edited an order that is being paid: `order` is the old one, a copy of it is the cart.
# Whoever started its payment ends it now; the cart itself knows nothing of payments.
order_superseded = Signal()
