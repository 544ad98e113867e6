"""Stop paying: the buyer closes "Pay here", or gives a reserved piece back."""

from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from cart.cart_page import FormError, cart_page
from cart.freezing import FrozenOrder
from cart.models import Cause, HistoryKind, Order, State
from cart.receipt_page import receipt_page
from cart.visitor import visitor_of
from payments.checkout import retry_path
from payments.errors import AlreadyPaid, answer_to
from payments.models import UNPAID, PaymentState
from payments.settlement import cancel_and_settle, end_unanswered
from payments.stripe_api.client import deadline
from payments.stripe_api.errors import StripeCallFailed
from payments.views.answers import refused_as_json, wants_json
from web.http import HtmxRequest, SeeOther, post_only

NOT_ENDED = _("Stripe can’t be reached, so the payment could not be ended. Try again in a minute.")


@post_only("cart:order-status", "token")
@never_cache
@deadline()
def cancel_payment(request: HtmxRequest, token: str) -> HttpResponse:
    """End the open attempt of the visitor's order and free what it holds.

    "Pay in another way" on the receipt also ends one whose voucher or bank transfer isn't paid.
    An order that turns out to be paid shows its receipt.
    """
    own_orders = Order.objects.exclude(visitor="").filter(visitor=visitor_of(request))
    order = get_object_or_404(own_orders, token=token)
    is_voucher_too = "another_way" in request.POST
    try:
        _cancel(order, is_voucher_too=is_voucher_too)
    except (AlreadyPaid, StripeCallFailed) as error:
        answer = answer_to(error)
        if wants_json(request):
            return refused_as_json(answer)
        if isinstance(error, AlreadyPaid):
            return SeeOther(order.get_absolute_url())
        if is_voucher_too:
            return receipt_page(request, order, error=str(NOT_ENDED), status=answer.status)
        return cart_page(request, error=FormError(answer.message), status=answer.status)
    if wants_json(request):
        return JsonResponse({})
    return SeeOther(retry_path(FrozenOrder.read(order)))


def _cancel(order: Order, *, is_voucher_too: bool) -> None:
    """Raises AlreadyPaid, StripeCallFailed."""
    now, cause = timezone.now(), Cause(HistoryKind.CLOSED)
    wanted = UNPAID if is_voucher_too else Q(state=PaymentState.OPEN)
    for payment in order.payments.filter(wanted):
        if payment.stripe_id or not end_unanswered(payment, at=now, cause=cause):
            payment.refresh_from_db()
            cancel_and_settle(payment, at=now, cause=cause, is_voucher_too=is_voucher_too)
    order.refresh_from_db(fields=["state"])
    if order.state in (State.PROCESSING, State.PAID):
        raise AlreadyPaid(order)
