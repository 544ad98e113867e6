"""What the forms of the admin say about changes."""

from django.utils.translation import gettext_lazy as _

EFFECT_OF_CHANGES = _(
    "Open carts follow a change at once. Orders that are being paid, or are paid, keep the values "
    "that they were frozen with; the next purchase uses a new coupon or tax rate at Stripe."
)
EFFECT_ON_SHIPPING = _(
    "Open carts follow a change at once. Orders that are being paid, or are paid, keep the "
    "shipping that they were frozen with."
)
