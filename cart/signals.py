"""Signals about orders. docs/extending.md shows how to use those that are sent after the commit.

Each one of an order is sent twice by `send_both`, with `order`: as `…_in_transaction` for our own
rows, which are written with the change or not at all, and after the commit for everybody else.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.dispatch import Signal

if TYPE_CHECKING:
    from cart.models import Order

# The money for the order has arrived.
order_paid_in_transaction, order_paid = Signal(), Signal()
# The buyer has confirmed a payment whose money arrives days later; `reference` is its id at Stripe.
payment_processing_in_transaction, payment_processing = Signal(), Signal()
# Such a payment has failed; `reference` is its id at Stripe.
payment_failed_in_transaction, payment_failed = Signal(), Signal()
# Money was given back, with `amount` in minor units and `reference`, the refund's id at Stripe.
order_refunded_in_transaction, order_refunded = Signal(), Signal()
# Staff have marked the order as shipped, or told the buyer another tracking; `notify` says
# whether the buyer gets a mail.
order_shipped_in_transaction, order_shipped = Signal(), Signal()
# There is something that staff must look at, with `alert`, an OrderAlert.
alert_raised_in_transaction, alert_raised = Signal(), Signal()
# The buyer's data was deleted from `order`, after the commit: delete what you have copied.
buyer_forgotten = Signal()
# The buyer has edited an order that is being paid: `order` is the old one, and a copy of it is
# the cart. payments ends the old order's attempt, since cart can't import payments.
order_superseded_in_transaction, order_superseded = Signal(), Signal()

# Sent when staff have saved a `tax` by `request`, after the commit. payments creates its tax rate
# at Stripe, and adds Stripe's answer to the messages of the request.
tax_saved = Signal()


def send_both(
    in_transaction: Signal, after_commit: Signal, *, order: "Order", **values: Any
) -> None:
    """Send a signal of an order now, in the caller's transaction, and again after the commit.

    An error of a receiver after the commit is logged and changes nothing.
    """
    sender = type(order)
    in_transaction.send(sender, order=order, **values)
    transaction.on_commit(partial(after_commit.send_robust, sender, order=order, **values))
