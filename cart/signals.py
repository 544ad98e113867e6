from django.dispatch import Signal

# Sent when the buyer has edited an order that is being paid: `order` is the old one, and a copy of
# it is the cart. payments ends the old order's attempt, since cart can't import payments.
order_superseded = Signal()
# Sent when staff have saved a `tax` by `request`, after the commit. payments creates its tax rate
# at Stripe, and adds Stripe's answer to the messages of the request.
tax_saved = Signal()
