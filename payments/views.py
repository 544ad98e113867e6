"""The addresses for paying: Buy, "Pay here", the return from Stripe, and the webhook."""

import logging

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cart.freezing import EmptyOrder, FrozenOrder
from cart.models import Cause, HistoryKind, Order
from cart.views import FormError, cart_page
from cart.visitor import ensure_visitor, keep_visitor, open_orders
from payments import checkout, webhooks
from payments.checkout import OpenCheckout, retry_path, return_url
from payments.errors import (
    ANSWERED,
    ChooseCurrency,
    ErrorAnswer,
    ItemNotFound,
    NotOffered,
    NotPressed,
    answer_to,
)
from payments.models import PENDING, Kind, PaymentState
from payments.settlement import settle
from payments.stripe_api.checkout_sessions import CheckoutSession
from payments.stripe_api.client import deadline
from payments.stripe_api.errors import StripeCallFailed
from payments.stripe_api.events import NotFromStripe
from store.models import Item
from store.views import item_page
from web.http import HtmxRequest, SeeOther, post_only
from web.other_sites import is_from_other_site
from web.rate_limit import TooManyRequests, limit

logger = logging.getLogger(__name__)

BROWSER_HEADERS = ("Accept-Language", "Origin", "Sec-Fetch-")


@require_http_methods(["GET", "POST"])  # HEAD is refused: asking about Buy must not buy
@never_cache
@deadline()
@keep_visitor
def buy_item(request: HtmxRequest, item_id: int) -> HttpResponse:
    """Buy one piece: JSON for the page's script (GET), a redirect to Stripe for a form (POST)."""
    item = _listed(item_id)
    try:
        opened = _open_item(request, item, Kind.CHECKOUT)
    except ANSWERED as error:
        answer = answer_to(error)
        if request.method == "GET":
            return _refused_as_json(answer)
        if item is None:
            raise Http404 from None
        page = item_page(request, item, buy_error=answer.message, status=answer.status)
        return _retry_after(page, answer)
    return _opened(request, opened)


@require_http_methods(["GET", "POST"])
@never_cache
@deadline()
def buy_order(request: HtmxRequest) -> HttpResponse:
    """Buy the open order of one currency. A form that is refused is answered with the cart."""
    asked = request.POST if request.method == "POST" else request.GET
    try:
        opened = _open_order(request, asked, Kind.CHECKOUT)
    except ANSWERED as error:
        answer = answer_to(error)
        if request.method == "GET":
            return _refused_as_json(answer)
        buy_error = FormError(answer.message, currency=asked.get("currency", ""))
        return _retry_after(cart_page(request, buy_error=buy_error, status=answer.status), answer)
    return _opened(request, opened)


@post_only("store:item-detail", "item_id")
@never_cache
@deadline()
@keep_visitor
def create_item_intent(request: HtmxRequest, item_id: int) -> HttpResponse:
    """Create an intent for one piece; the page's script shows its Payment Element."""
    try:
        opened = _open_item(request, _listed(item_id), Kind.INTENT)
    except ANSWERED as error:
        return _refused_as_json(answer_to(error))
    return _as_json(opened)


@post_only("cart:order-detail")
@never_cache
@deadline()
def create_order_intent(request: HtmxRequest) -> HttpResponse:
    """Create an intent for the open order of one currency."""
    try:
        opened = _open_order(request, request.POST, Kind.INTENT)
    except ANSWERED as error:
        return _refused_as_json(answer_to(error))
    return _as_json(opened)


def _listed(item_id: int) -> Item | None:
    return Item.objects.listed().filter(pk=item_id).first()


def _open_item(request: HttpRequest, item: Item | None, kind: Kind) -> OpenCheckout:
    _guard(request, kind)
    if item is None:
        raise ItemNotFound
    return checkout.buy_item(item=item, visitor=_buyer(request), kind=kind, at=timezone.now())


def _open_order(request: HttpRequest, asked: QueryDict, kind: Kind) -> OpenCheckout:
    _guard(request, kind)
    order = _order_to_buy(request, asked.get("currency", ""))
    return checkout.buy_order(
        order=order, shown_fingerprint=asked.get("shown_fingerprint"), kind=kind, at=timezone.now()
    )


def _guard(request: HttpRequest, kind: Kind) -> None:
    """Raise NotOffered, NotPressed or TooManyRequests if the request must not create an order.

    A prefetch and an image tag on another site send a GET too, without a press of Buy.
    """
    if kind not in settings.PAYMENT_METHODS:
        raise NotOffered
    is_prefetch = "prefetch" in request.headers.get(
        "Sec-Purpose", request.headers.get("Purpose", "")
    )
    if is_prefetch or is_from_other_site(request):
        raise NotPressed
    limit(request, "buy", per_minute=settings.BUY_RATE_LIMIT)


def _order_to_buy(request: HttpRequest, currency: str) -> Order:
    """The order of this currency, or the only one. Raises EmptyOrder, ChooseCurrency."""
    orders = [order for order in open_orders(request) if currency in ("", order.currency)]
    if len(orders) > 1:
        orders = [order for order in orders if order.lines.exists()]
    if not orders:
        raise EmptyOrder
    if len(orders) > 1:
        raise ChooseCurrency
    return orders[0]


def _buyer(request: HttpRequest) -> str:
    """Return the visitor's key for a press of Buy (docs/decisions/0002).

    A program without a session, like curl, is named by its address and its name: it gets neither
    session nor cookie, and gets the same open payment again.
    """
    if request.method == "POST" or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return ensure_visitor(request)
    if any(header.startswith(BROWSER_HEADERS) for header in request.headers):
        return ensure_visitor(request)
    program = f"{request.META['REMOTE_ADDR']} {request.headers.get('User-Agent', '')}"
    return salted_hmac("payments.program", program, algorithm="sha256").hexdigest()


def _opened(request: HttpRequest, opened: OpenCheckout) -> HttpResponse:
    if request.method == "POST" and isinstance(opened.stripe_payment, CheckoutSession):
        return SeeOther(opened.stripe_payment.url)
    return _as_json(opened)


def _as_json(opened: OpenCheckout) -> HttpResponse:
    """What the page's script needs to go to Checkout, or to show the Payment Element."""
    fields: dict[str, str | int]
    stripe_payment = opened.stripe_payment
    if isinstance(stripe_payment, CheckoutSession):
        fields = {"id": stripe_payment.id, "url": stripe_payment.url}
    else:
        fields = {
            "client_secret": stripe_payment.client_secret,
            "amount": stripe_payment.amount,
            "currency": stripe_payment.currency,
            "return_url": return_url(opened.order),
        }
    fields["publishable_key"] = opened.account.publishable_key
    return JsonResponse(fields, headers={"X-Robots-Tag": "noindex"})


def _refused_as_json(answer: ErrorAnswer) -> HttpResponse:
    error = {"code": answer.code, "message": answer.message}
    return _retry_after(JsonResponse({"error": error}, status=answer.status), answer)


def _retry_after(response: HttpResponse, answer: ErrorAnswer) -> HttpResponse:
    if answer.retry_after is not None:
        response["Retry-After"] = str(answer.retry_after)
    return response


@require_GET
@never_cache
@deadline()
def return_from_stripe(request: HttpRequest, token: str) -> HttpResponse:
    """Settle the order of a buyer who comes back from Stripe, and show what became of it."""
    order = get_object_or_404(Order, token=token)
    is_known = True
    for payment in order.payments.filter(state__in=PENDING).exclude(stripe_id=""):
        try:
            limit(request, "buy", per_minute=settings.BUY_RATE_LIMIT)
            settle(payment, at=timezone.now(), cause=Cause(HistoryKind.RETURN))
        except (StripeCallFailed, TooManyRequests) as error:
            is_known = False
            logger.warning("order %s: Stripe could not be asked on return: %s", order, error)
    if is_known and "payment_intent" in request.GET and _is_open(order):
        # The bank refused the payment on its own page; the buyer can choose another way to pay.
        return SeeOther(f"{retry_path(FrozenOrder.read(order))}?payment=failed")
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
        logger.warning("webhook refused: %s", error)
        return HttpResponse("not from Stripe", status=400, content_type="text/plain")
    except (StripeCallFailed, DatabaseError) as error:
        logger.error("webhook not settled, Stripe will retry: %s", error)
        return HttpResponse(
            "temporary failure, please retry", status=503, content_type="text/plain"
        )
    return HttpResponse("received", content_type="text/plain")
