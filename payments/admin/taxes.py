"""Create the tax rate of a saved tax at Stripe, so that staff see at once if Stripe refuses it."""

from typing import Any

from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from cart.models import Tax
from cart.signals import tax_saved
from payments.methods import coupons_and_tax_rates
from payments.stripe_api.accounts import StripeAccount, all_accounts
from payments.stripe_api.client import deadline
from payments.stripe_api.errors import StripeCallFailed, StripeRefused


@receiver(tax_saved)
def create_tax_rates(tax: Tax, request: HttpRequest, **_kwargs: Any) -> None:
    """Create the tax rate in each account, and say on the next page what Stripe answered."""
    if not tax.is_active:
        return
    with deadline():
        for account in all_accounts():
            messages.add_message(request, *_create(account, tax))


def _create(account: StripeAccount, tax: Tax) -> tuple[int, str]:
    """Create the tax rate, and return the level and text of a message."""
    try:
        tax_rate_id = coupons_and_tax_rates.of_tax(account, tax)
    except StripeRefused as refusal:
        return messages.ERROR, _(
            "Account “%(account)s”: Stripe refuses this tax, so orders with it can’t be paid at "
            "Stripe Checkout. Correct it, or switch it off. Stripe’s answer: %(answer)s"
        ) % {"account": account.name, "answer": refusal.answer}
    except StripeCallFailed:
        return messages.WARNING, _(
            "Account “%(account)s”: Stripe can’t be reached now. The tax rate will be created with "
            "the next purchase."
        ) % {"account": account.name}
    return messages.SUCCESS, _("Account “%(account)s”: Stripe has the tax rate %(id)s.") % {
        "account": account.name,
        "id": tax_rate_id,
    }
