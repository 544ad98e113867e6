from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The state of an order."""

    CART = "cart", _("cart")
    CHECKOUT = "checkout", _("being paid")
    PROCESSING = "processing", _("payment on its way")
    PAID = "paid", _("paid")
    CANCELLED = "cancelled", _("cancelled")


# The legal steps, drawn in docs/states.md. Money can arrive late: an order that was cancelled or is
# a cart again can still become paid.
STEPS = {
    State.CART: {State.CHECKOUT, State.PAID},
    State.CHECKOUT: {State.PROCESSING, State.PAID, State.CANCELLED, State.CART},
    State.PROCESSING: {State.PAID, State.CANCELLED, State.CART},
    State.CANCELLED: {State.PAID},
    State.PAID: set[State](),
}
# An order in one of these states holds its stock and waits for money.
HELD = [State.CHECKOUT, State.PROCESSING]
# The buyer sees an order in one of these states as the cart.
OPEN = [State.CART, State.CHECKOUT]


class IllegalStep(Exception):
    """An order or a payment can't go from its present state to the requested one."""
