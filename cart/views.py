from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cart.models import Order
from store.http import HtmxRequest, bad_request

MAX_POLLS = 10


@require_safe
@never_cache
def order_status(request: HtmxRequest, token: str) -> HttpResponse:
    """The receipt, or what the order waits for. While it waits, the page asks again a few times."""
    order = get_object_or_404(Order.objects.prefetch_related("lines"), token=token)
    poll = request.GET.get("poll", "0")
    if poll not in map(str, range(MAX_POLLS + 1)):
        return bad_request(request, _("“poll” in the address must be a number from 0 to 10."))
    next_poll = int(poll) + 1 if order.is_waiting and int(poll) < MAX_POLLS else None
    is_fragment = request.htmx and not request.htmx.history_restore_request
    template = "cart/order_status.html" + ("#order-state" if is_fragment else "")
    response = render(request, template, {"order": order, "next_poll": next_poll})
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"  # the address is the key to the receipt
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response
