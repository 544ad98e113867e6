import logging

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cart.holds import EmptyOrder
from cart.models import Order
from cart.session import open_orders
from cart.views import FormError, cart_page
from payments import attempts, gateway, webhook
from payments.accounts import PayingNotSetUp
from payments.attempts import Opened
from payments.kinds import path_to_try_again, return_url
from payments.models import PENDING, Kind, PaymentState
from payments.patience import patience
from payments.refusals import (
    REFUSED,
    ChooseCurrency,
    ItemNotFound,
    NotOffered,
    NotPressed,
    Refusal,
    refusal,
)
from payments.remote import CheckoutSession
from payments.settle import settle
from store.models import Item
from store.views import item_page
from web.http import HtmxRequest, SeeOther, post_only
from web.rate_limit import TooManyRequests, limit

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "POST"])  # HEAD is refused: asking about Buy must not buy
@never_cache
@patience()
def buy_item(request: HtmxRequest, item_id: int) -> HttpResponse:
    """JSON for the page's script (GET), or straight to Stripe for a plain form (POST)."""
    item = _listed(item_id)
    try:
        opened = _open_item(request, item, Kind.CHECKOUT)
    except REFUSED as error:
        refused = refusal(error)
        if request.method == "GET":
            return _refused_as_json(refused)
        if item is None:
            raise Http404 from None
        page = item_page(request, item, buy_error=refused.message, status=refused.status)
        return _retry_after(page, refused)
    return _opened(request, opened)


@require_http_methods(["GET", "POST"])
@never_cache
@patience()
def buy_order(request: HtmxRequest) -> HttpResponse:
    """The same for the open order of one currency; a refusal of the plain form shows the cart."""
    asked = request.POST if request.method == "POST" else request.GET
    try:
        opened = _open_order(request, asked, Kind.CHECKOUT)
    except REFUSED as error:
        refused = refusal(error)
        if request.method == "GET":
            return _refused_as_json(refused)
        buy_error = FormError(refused.message, currency=asked.get("currency", ""))
        return _retry_after(cart_page(request, buy_error=buy_error, status=refused.status), refused)
    return _opened(request, opened)


@post_only("store:item-detail", "item_id")
@never_cache
@patience()
def create_item_intent(request: HtmxRequest, item_id: int) -> HttpResponse:
    """JSON with which the page's script shows Stripe's Payment Element for one piece."""
    try:
        opened = _open_item(request, _listed(item_id), Kind.INTENT)
    except REFUSED as error:
        return _refused_as_json(refusal(error))
    return _as_json(opened)


@post_only("cart:order-detail")
@never_cache
@patience()
def create_order_intent(request: HtmxRequest) -> HttpResponse:
    """The same for the open order of one currency."""
    try:
        opened = _open_order(request, request.POST, Kind.INTENT)
    except REFUSED as error:
        return _refused_as_json(refusal(error))
    return _as_json(opened)


def _listed(item_id: int) -> Item | None:
    return Item.objects.listed().filter(pk=item_id).first()


def _open_item(request: HttpRequest, item: Item | None, kind: Kind) -> Opened:
    _guard(request, kind)
    if item is None:
        raise ItemNotFound
    return attempts.buy_item(item=item, visitor=_visitor(request), kind=kind, at=timezone.now())


def _open_order(request: HttpRequest, asked: QueryDict, kind: Kind) -> Opened:
    _guard(request, kind)
    order = _order_to_buy(request, asked.get("currency", ""))
    return attempts.buy_order(order=order, seen=asked.get("seen"), kind=kind, at=timezone.now())


def _guard(request: HttpRequest, kind: Kind) -> None:
    """No prefetch, no picture tag on another site and no flood of presses makes an order."""
    if kind not in settings.PAYMENT_METHODS:
        raise NotOffered
    is_prefetch = "prefetch" in request.headers.get(
        "Sec-Purpose", request.headers.get("Purpose", "")
    )
    is_foreign = request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")
    if is_prefetch or is_foreign:
        raise NotPressed
    limit(request, "buy", per_minute=settings.BUY_RATE_LIMIT)


def _order_to_buy(request: HttpRequest, currency: str) -> Order:
    orders = [o for o in open_orders(request) if currency in ("", o.currency)]
    if len(orders) > 1:
        orders = [order for order in orders if order.lines.exists()]
    if not orders:
        raise EmptyOrder
    if len(orders) > 1:
        raise ChooseCurrency
    return orders[0]


def _visitor(request: HttpRequest) -> str:
    """What tells one browser from another: its CSRF secret (docs/decisions/0002)."""
    get_token(request)  # where there is no cookie yet, the answer sets it
    return str(request.META["CSRF_COOKIE"])


def _opened(request: HttpRequest, opened: Opened) -> HttpResponse:
    if request.method == "POST" and isinstance(opened.remote, CheckoutSession):
        return SeeOther(opened.remote.url)
    return _as_json(opened)


def _as_json(opened: Opened) -> HttpResponse:
    """What the page's script needs to go to Checkout, or to show the Payment Element."""
    answer: dict[str, str | int]
    remote = opened.remote
    if isinstance(remote, CheckoutSession):
        answer = {"id": remote.id, "url": remote.url}
    else:
        answer = {
            "client_secret": remote.client_secret,
            "amount": remote.amount,
            "currency": remote.currency,
            "return_url": return_url(opened.order),
        }
    answer["publishable_key"] = opened.account.publishable_key
    return JsonResponse(answer, headers={"X-Robots-Tag": "noindex"})


def _refused_as_json(refused: Refusal) -> HttpResponse:
    error = {"code": refused.code, "message": refused.message}
    return _retry_after(JsonResponse({"error": error}, status=refused.status), refused)


def _retry_after(response: HttpResponse, refused: Refusal) -> HttpResponse:
    if refused.retry_after is not None:
        response["Retry-After"] = str(refused.retry_after)
    return response


@require_GET
@never_cache
@patience()
def return_from_stripe(request: HttpRequest, token: str) -> HttpResponse:
    """Where Stripe sends the buyer back: look how it went, then show the order's true state."""
    order = get_object_or_404(Order, token=token)
    is_known = True
    for payment in order.payments.filter(state__in=PENDING).exclude(stripe_id=""):
        try:
            limit(request, "buy", per_minute=settings.BUY_RATE_LIMIT)
            settle(payment=payment, at=timezone.now(), why="the buyer came back")
        except (gateway.GatewayError, PayingNotSetUp, TooManyRequests) as error:
            is_known = False
            logger.warning("order %s: Stripe could not be asked on return: %s", order, error)
    if is_known and "payment_intent" in request.GET and _is_open(order):
        # The bank said no on its own page; the buyer can choose another way to pay.
        return SeeOther(f"{path_to_try_again(order)}?payment=failed")
    return SeeOther(order.get_absolute_url())


def _is_open(order: Order) -> bool:
    return order.payments.filter(state=PaymentState.OPEN, kind=Kind.INTENT).exists()


@csrf_exempt  # Stripe signs its calls instead
@require_POST
@patience()
def receive_stripe_event(request: HttpRequest) -> HttpResponse:
    try:
        webhook.receive(
            request.body, request.headers.get("Stripe-Signature", ""), at=timezone.now()
        )
    except gateway.NotFromStripe as error:
        logger.warning("webhook refused: %s", error)
        return HttpResponse("not from Stripe", status=400, content_type="text/plain")
    except (gateway.GatewayError, PayingNotSetUp, DatabaseError) as error:
        logger.error("webhook not settled, Stripe will come again: %s", error)
        return HttpResponse("come again", status=503, content_type="text/plain")
    return HttpResponse("received", content_type="text/plain")
