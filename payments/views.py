import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cart.models import Order
from payments import checkout, gateway, webhook
from payments.accounts import PayingNotSetUp
from payments.models import PENDING
from payments.rate_limit import limit_buying
from payments.refusals import REFUSED, ItemNotFound, PrefetchRefused, Refusal, refusal
from payments.settle import settle
from store.http import SeeOther
from store.models import Item

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "POST"])  # HEAD is refused: asking about Buy must not buy
@never_cache
@csp_override(settings.PAYING_CSP)
def buy_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """JSON for the page's script (GET), or straight to Stripe for a plain form (POST)."""
    item = Item.objects.listed().filter(pk=item_id).first()
    try:
        opened = _press(request, item)
    except REFUSED as error:
        return _refused(request, item, refusal(error))
    if request.method == "POST":
        return SeeOther(opened.session.url)
    return JsonResponse(
        {
            "id": opened.session.id,
            "url": opened.session.url,
            "publishable_key": opened.account.publishable_key,
        },
        headers={"X-Robots-Tag": "noindex"},
    )


def _press(request: HttpRequest, item: Item | None) -> checkout.Checkout:
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        raise PrefetchRefused
    if item is None:
        raise ItemNotFound
    limit_buying(request)
    return checkout.buy_item(item=item, visitor=_visitor(request), at=timezone.now())


def _visitor(request: HttpRequest) -> str:
    """What tells one browser from another: its CSRF secret. Every page with a form has set that
    cookie, so a double click on a first visit is one visitor, and no session row is needed."""
    get_token(request)  # where there is no cookie yet, the answer sets it
    return str(request.META["CSRF_COOKIE"])


def _refused(request: HttpRequest, item: Item | None, refused: Refusal) -> HttpResponse:
    if request.method == "GET":
        error = {"code": refused.code, "message": refused.message}
        response: HttpResponse = JsonResponse({"error": error}, status=refused.status)
    elif item is None:
        raise Http404
    else:
        context = {"item": item, "buy_error": refused.message}
        response = render(request, "store/item_detail.html", context, status=refused.status)
    if refused.retry_after is not None:
        response["Retry-After"] = str(refused.retry_after)
    return response


@require_GET
@never_cache
def return_from_stripe(request: HttpRequest, token: str) -> HttpResponse:
    """Where Stripe sends the buyer back: look how it went, then show the order's true state."""
    order = get_object_or_404(Order, token=token)
    for payment in order.payments.filter(state__in=PENDING).exclude(stripe_id=""):
        try:
            settle(payment=payment, at=timezone.now())
        except (gateway.GatewayError, PayingNotSetUp) as error:
            logger.warning("order %s: Stripe could not be asked on return: %s", order, error)
    return SeeOther(order.get_absolute_url())


@csrf_exempt  # Stripe signs its calls instead
@require_POST
def receive_stripe_event(request: HttpRequest) -> HttpResponse:
    try:
        webhook.receive(
            request.body, request.headers.get("Stripe-Signature", ""), at=timezone.now()
        )
    except gateway.NotFromStripe as error:
        logger.warning("webhook refused: %s", error)
        return HttpResponse("not from Stripe", status=400, content_type="text/plain")
    except (gateway.GatewayError, PayingNotSetUp) as error:
        logger.error("webhook not settled, Stripe will come again: %s", error)
        return HttpResponse("come again", status=503, content_type="text/plain")
    return HttpResponse("received", content_type="text/plain")
