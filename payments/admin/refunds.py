"""The page in the admin on which staff refund a payment."""

import uuid
from contextlib import suppress

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cart.models import Order
from payments.admin.refund_form import RefundForm
from payments.models import Payment, Refund, RefundState
from payments.refunds import (
    PaymentDisputed,
    PiecesRefundedAlready,
    RefundTooLarge,
    request_refund,
)
from payments.refunds.proposal import refundable
from payments.stripe_api.client import deadline
from payments.stripe_api.errors import (
    AccountNotSetUp,
    CallInFlight,
    StripeRefused,
    StripeUnavailable,
)
from store.templatetags.money import money

SENT_LATER = _("Stripe can’t be reached now. The refund is saved and sent again later.")


def may_refund(request: HttpRequest) -> bool:
    """Whether the user may refund: the page shows the order, and leads to it."""
    sees_orders = admin.site.get_model_admin(Order).has_view_permission(request)
    return sees_orders and request.user.has_perm("payments.add_refund")


@require_http_methods(["GET", "POST"])
@deadline()
def refund_payment(request: HttpRequest, order_id: int, payment_id: int) -> HttpResponse:
    """Show the form, or request the refund and go back to the order. Raises PermissionDenied.

    A form without an amount comes back with the proposed one.
    """
    if not may_refund(request):
        raise PermissionDenied
    payments = Payment.objects.select_related("order")
    payment = get_object_or_404(payments, pk=payment_id, order_id=order_id)
    if sent_before := _sent_before(request, payment):
        _show_outcome(request, sent_before)
        return _to_order(payment)
    form = _form(request, payment)
    if form.is_valid():
        if "all" in request.POST:
            form = form.choosing_all()
        elif "propose" in request.POST or form.needs_proposal:
            form = form.proposing(form.pieces, shipping=form.refunds_shipping)
        elif answer := _request_refund(request, payment, form):
            return answer
    context = admin.site.each_context(request) | {
        "title": gettext("Refund a payment"),
        "form": form,
        "payment": payment,
        "currency": payment.currency,
        "refundable": form.refundable,
    }
    status = 422 if form.errors else 200
    return render(request, "admin/refund_payment.html", context, status=status)


def _form(request: HttpRequest, payment: Payment) -> RefundForm:
    """The form as it was sent, or a new one."""
    left, currency = refundable(payment), payment.currency
    if request.POST:
        return RefundForm(request.POST, refundable=left, currency=currency)
    return RefundForm(refundable=left, currency=currency, initial={"key": uuid.uuid4()})


def _sent_before(request: HttpRequest, payment: Payment) -> Refund | None:
    """The refund that this form has requested already, after a double click."""
    with suppress(ValueError):
        return payment.refunds.filter(key=uuid.UUID(request.POST.get("key", ""))).first()
    return None


def _to_order(payment: Payment) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:cart_order_change", args=[payment.order_id]))


def _request_refund(
    request: HttpRequest, payment: Payment, form: RefundForm
) -> HttpResponse | None:
    """Request the refund, and tell the user on the next page how it went.

    None if the amount is too large: the form has a message and must be shown again.
    """
    try:
        refund = request_refund(
            payment=payment,
            key=form.cleaned_data["key"],
            amount=form.refund_amount,
            reason=form.cleaned_data.get("reason", ""),
            pieces=form.pieces,
            shipping=form.refunds_shipping,
            restock=form.cleaned_data.get("restock", True),
            by=request.user.get_username(),
            at=timezone.now(),
        )
    except RefundTooLarge as error:
        left = money(error.left, payment.currency)
        form.add_error("amount", gettext("At most %(left)s can be refunded.") % {"left": left})
        return None
    except (PiecesRefundedAlready, PaymentDisputed):
        message = gettext("Nothing was done: this payment has changed since you opened the page.")
        messages.warning(request, message)
        return HttpResponseRedirect(request.path)
    except (StripeUnavailable, CallInFlight):
        messages.warning(request, SENT_LATER)
    except (StripeRefused, AccountNotSetUp) as error:
        messages.error(request, gettext("Stripe refused the refund: %(error)s") % {"error": error})
    else:
        _show_outcome(request, refund)
    return _to_order(payment)


def _show_outcome(request: HttpRequest, refund: Refund) -> None:
    """Tell the user on the next page how a refund is that exists already."""
    if refund.state == RefundState.FAILED:  # the same request again, after Stripe refused it
        messages.error(request, gettext("This refund has failed. Start a new refund."))
    elif refund.state == RefundState.REQUESTED:
        messages.warning(request, SENT_LATER)
    elif refund.amount:
        refunded = money(refund.amount, refund.payment.currency)
        messages.success(request, gettext("%(amount)s was refunded.") % {"amount": refunded})
    else:
        messages.success(request, gettext("The pieces were given back."))
