from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from notifications.find_order import mail_link
from notifications.forms import FindOrderForm
from web.http import HtmxRequest, SeeOther
from web.rate_limit import limit, limited_write


def _too_many(request: HtmxRequest, message: str) -> HttpResponse:
    return _page(request, FindOrderForm(), status=429, error=message)


@limited_write(_too_many)
def _find(request: HtmxRequest) -> HttpResponse:
    limit(request, "find-order", at_most=settings.CODE_RATE_LIMIT)
    form = FindOrderForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422, error=_("Check what you have typed."))
    mail_link(**form.cleaned_data, today=timezone.localdate())
    return SeeOther(f"{reverse('notifications:find-order')}?sent")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def find_order(request: HtmxRequest) -> HttpResponse:
    """Ask for number and e-mail. The answer is the same whether or not there is such an order."""
    if request.method == "POST":
        return _find(request)
    return _page(request, FindOrderForm(), is_sent="sent" in request.GET)


def _page(
    request: HtmxRequest,
    form: FindOrderForm,
    *,
    status: int = 200,
    error: str = "",
    is_sent: bool = False,
) -> HttpResponse:
    context = {"form": form, "error": error, "is_sent": is_sent}
    return render(request, "notifications/find_order.html", context, status=status)
