"""The addresses for paying, in the order of urls.py."""

from payments.views.buying import buy_item, buy_order, create_item_intent, create_order_intent
from payments.views.cancelling import cancel_payment
from payments.views.stripe import receive_stripe_event, return_from_stripe

__all__ = [
    "buy_item",
    "buy_order",
    "cancel_payment",
    "create_item_intent",
    "create_order_intent",
    "receive_stripe_event",
    "return_from_stripe",
]
