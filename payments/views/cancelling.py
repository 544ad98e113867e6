"""Stop paying: the buyer closes "Pay here", or gives a reserved piece back."""

from dataclasses import replace

from django.conf import settings
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
from payments.errors import AlreadyPaid, CannotCancel, ErrorAnswer, answer_to
from payments.models import AWAITED, UNPAID, PaymentState
from payments.settlement import cancel_and_settle, cancel_awaited_and_settle, end_unanswered
from payments.stripe_api.client import deadline
from payments.stripe_api.errors import StripeCallFailed
from payments.views.answers import refused_as_json, wants_json, with_retry_after
from web.http import HtmxRequest, SeeOther, post_only
from web.rate_limit import TooManyRequests, limit

NOT_ENDED = _("Stripe can’t be reached, so the payment could not be ended. Try again in a minute.")
UNKNOWN_ORDER = _(
    "This browser doesn’t know that order any more, perhaps because its cookies were deleted. So"
    " its payment was not ended; it ends by itself if you don’t pay."
)


@post_only("cart:order-status", "token")
@never_cache
@deadline()
def cancel_payment(request: HtmxRequest, token: str) -> HttpResponse:
    """End the open attempt of the visitor's order and free what it holds.

    "Pay in another way" on the receipt also ends one whose voucher or bank transfer isn't paid.
    An order that turns out to be paid shows its receipt, which also says if it can't be ended.
    """
    order = get_object_or_404(Order, token=token)
    if not order.visitor or order.visitor != visitor_of(request):
        return _refused(request, order, ErrorAnswer("unknown_order", 404, str(UNKNOWN_ORDER)))
    is_awaited_too = "another_way" in request.POST
    try:
        limit(request, "write", at_most=settings.WRITE_RATE_LIMIT)
        _cancel(order, is_awaited_too=is_awaited_too)
    except (AlreadyPaid, CannotCancel, StripeCallFailed, TooManyRequests) as error:
        answer = answer_to(error)
        if isinstance(error, AlreadyPaid) and not wants_json(request):
            return SeeOther(order.get_absolute_url())
        if isinstance(error, StripeCallFailed) and is_awaited_too:
            answer = replace(answer, message=str(NOT_ENDED))
        return _refused(request, order, answer)
    if wants_json(request):
        return JsonResponse({})
    return SeeOther(FrozenOrder.read(order).retry_path)


def _refused(request: HtmxRequest, order: Order, answer: ErrorAnswer) -> HttpResponse:
    """Say why nothing was done, on the page on which the button is: the receipt or the cart."""
    if wants_json(request):
        return refused_as_json(answer)
    if "another_way" in request.POST:
        page = receipt_page(request, order, error=answer.message, status=answer.status)
    else:
        page = cart_page(request, error=FormError(answer.message), status=answer.status)
    return with_retry_after(page, answer)


def _cancel(order: Order, *, is_awaited_too: bool) -> None:
    """Raises AlreadyPaid, CannotCancel, StripeCallFailed."""
    now, cause = timezone.now(), Cause(HistoryKind.CLOSED)
    wanted = UNPAID if is_awaited_too else Q(state=PaymentState.OPEN)
    cancel = cancel_awaited_and_settle if is_awaited_too else cancel_and_settle
    for payment in order.payments.filter(wanted):
        if payment.stripe_id or not end_unanswered(payment, at=now, cause=cause):
            payment.refresh_from_db()
            cancel(payment, at=now, cause=cause)
    if is_awaited_too and order.payments.filter(AWAITED).exists():
        raise CannotCancel(order)  # Stripe has refused it
    order.refresh_from_db(fields=["state"])
    if order.state in (State.PROCESSING, State.PAID):
        raise AlreadyPaid(order)
