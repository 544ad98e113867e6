from django.db import models
from django.utils.translation import gettext_lazy as _


class StripeObjectId(models.Model):
    """The id of a coupon or tax rate at Stripe, which stands for its values.

    Stripe can't change these: https://docs.stripe.com/api/coupons/update and /tax_rates/update
    """

    kind = models.CharField(_("kind"), max_length=10)
    account = models.CharField(_("account"), max_length=10)
    livemode = models.BooleanField(_("live"))
    fingerprint = models.CharField(_("values"), max_length=64)  # a hash
    stripe_id = models.CharField(_("Stripe id"), max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "account", "livemode", "fingerprint"],
                name="stripe_object_once_per_values",
            )
        ]

    def __str__(self) -> str:
        return self.stripe_id
