"""The page in the admin on which staff refund a payment."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from payments.models import Payment, RefundReason, RefundState
from payments.refunds import RefundTooLarge, left_to_refund, request_refund
from payments.stripe_api.client import deadline
from payments.stripe_api.errors import (
    AccountNotSetUp,
    CallInFlight,
    StripeRefused,
    StripeUnavailable,
)
from store.money import InvalidAmount, decimals, from_minor, to_minor
from store.templatetags.money import money


class RefundForm(forms.Form):
    """A refund of `payment`. The hidden `key` makes a double click one refund."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=15)
    reason = forms.ChoiceField(label=_("Reason"), choices=RefundReason)
    restock = forms.BooleanField(
        label=_("Put the pieces of this order back into the stock"), required=False
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        self.payment = payment
        super().__init__(*args, **kwargs)

    def clean_amount(self) -> int:
        """Convert units of the currency to minor units. Raises ValidationError."""
        currency = self.payment.currency
        try:
            amount = to_minor(self.cleaned_data["amount"], currency)
        except InvalidAmount:
            raise ValidationError(
                gettext("%(currency)s has %(decimals)s decimals; this amount has more.")
                % {"currency": currency, "decimals": decimals(currency)}
            ) from None
        if amount <= 0:
            raise ValidationError(gettext("The amount must be more than zero."))
        return amount


@require_http_methods(["GET", "POST"])
@deadline()
def refund_payment(request: HttpRequest, order_id: int, payment_id: int) -> HttpResponse:
    """Show the form, or request the refund and go back to the order. Raises PermissionDenied."""
    if not request.user.has_perm("payments.add_refund"):
        raise PermissionDenied
    payment = get_object_or_404(Payment, pk=payment_id, order_id=order_id)
    left = left_to_refund(payment)
    initial = {"amount": from_minor(left, payment.currency), "key": uuid.uuid4()}
    form = RefundForm(request.POST or None, payment=payment, initial=initial)
    if form.is_valid() and _request_refund(request, form):
        return HttpResponseRedirect(reverse("admin:cart_order_change", args=[order_id]))
    context = admin.site.each_context(request) | {
        "title": gettext("Refund a payment"),
        "form": form,
        "payment": payment,
        "left": left,
    }
    status = 422 if form.errors else 200
    return render(request, "admin/refund_payment.html", context, status=status)


def _request_refund(request: HttpRequest, form: RefundForm) -> bool:
    """Request the refund, and tell the user on the next page how it went.

    False if the amount is too large: the form has a message and must be shown again.
    """
    try:
        refund = request_refund(
            payment=form.payment,
            **form.cleaned_data,
            by=request.user.get_username(),
            at=timezone.now(),
        )
    except RefundTooLarge as error:
        left = money(error.left, form.payment.currency)
        form.add_error("amount", gettext("At most %(left)s can be refunded.") % {"left": left})
        return False
    except (StripeUnavailable, CallInFlight):
        messages.warning(
            request,
            gettext(
                "Stripe can’t be reached now. The refund is written down and is asked for again."
            ),
        )
    except (StripeRefused, AccountNotSetUp) as error:
        messages.error(request, gettext("Stripe refused the refund: %(error)s") % {"error": error})
    else:
        if refund.state == RefundState.FAILED:  # the same request again, after Stripe refused it
            messages.error(request, gettext("This refund has failed. Open the page to try again."))
            return True
        refunded = money(refund.amount, form.payment.currency)
        messages.success(request, gettext("%(amount)s was refunded.") % {"amount": refunded})
    return True
