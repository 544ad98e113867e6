"""The return from Stripe, and the webhook."""

import logging

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from cart.freezing import FrozenOrder
from cart.models import Cause, HistoryKind, Order
from payments import webhooks
from payments.models import ENDED_BUT_PAYABLE, PENDING, Kind, PaymentState
from payments.settlement import settle
from payments.stripe_api.client import deadline
from payments.stripe_api.errors import StripeCallFailed
from payments.stripe_api.events import NotFromStripe
from web.http import SeeOther, log_reason
from web.rate_limit import TooManyRequests, limit

logger = logging.getLogger(__name__)


@require_GET
@never_cache
@deadline()
def return_from_stripe(request: HttpRequest, token: str) -> HttpResponse:
    """Settle the order of a buyer who comes back from Stripe, and show what became of it."""
    order = get_object_or_404(Order, token=token)
    is_known = True
    can_be_paid = Q(state__in=PENDING) | ENDED_BUT_PAYABLE
    for payment in order.payments.filter(can_be_paid).exclude(stripe_id=""):
        try:
            limit(request, "buy", at_most=settings.BUY_RATE_LIMIT)
            settle(payment, at=timezone.now(), cause=Cause(HistoryKind.RETURN))
        except (StripeCallFailed, TooManyRequests) as error:
            is_known = False
            logger.warning("order %s: Stripe could not be asked on return: %s", order, error)
    if is_known and "payment_intent" in request.GET and _is_open(order):
        # The bank refused the payment on its own page; the buyer can choose another way to pay.
        return SeeOther(f"{FrozenOrder.read(order).retry_path}?payment=failed")
    return SeeOther(order.get_absolute_url())


def _is_open(order: Order) -> bool:
    return order.payments.filter(state=PaymentState.OPEN, kind=Kind.INTENT).exists()


@csrf_exempt  # Stripe signs its calls instead
@require_POST
@deadline()
def receive_stripe_event(request: HttpRequest) -> HttpResponse:
    """Answer 200 to an event that is done with; after any other status Stripe sends it again.

    https://docs.stripe.com/webhooks#retries
    """
    try:
        webhooks.receive(
            request.body, request.headers.get("Stripe-Signature", ""), at=timezone.now()
        )
    except NotFromStripe as error:
        log_reason(request, f"not from Stripe: {error}")
        return HttpResponse("not from Stripe", status=400, content_type="text/plain")
    except webhooks.NotSettled as error:
        logger.error("webhook not settled, Stripe will retry: %s", error)
        return HttpResponse(
            "temporary failure, please retry", status=503, content_type="text/plain"
        )
    return HttpResponse("received", content_type="text/plain")
