"""Signals about orders. docs/extending.md shows how to use those that are sent after the commit.

Each one of an order is sent twice, with `order`: as `…_in_transaction` for our own rows, which
are written with the change or not at all, and after the commit for everybody else.
"""

from django.dispatch import Signal

# The money for the order has arrived.
order_paid_in_transaction, order_paid = Signal(), Signal()
# Money was given back, with `amount` in minor units and `reference`, the refund's id at Stripe.
order_refunded_in_transaction, order_refunded = Signal(), Signal()
# Staff have marked the order as shipped; `notify` says whether the buyer gets a mail.
order_shipped_in_transaction, order_shipped = Signal(), Signal()
# The buyer's data was deleted from `order`, after the commit: delete what you have copied.
buyer_forgotten = Signal()
# The buyer has edited an order that is being paid: `order` is the old one, and a copy of it is
# the cart. payments ends the old order's attempt, since cart can't import payments.
order_superseded = Signal()

# Sent when staff have saved a `tax` by `request`, after the commit. payments creates its tax rate
# at Stripe, and adds Stripe's answer to the messages of the request.
tax_saved = Signal()
