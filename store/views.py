from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from store import markdown
from store.models import Item, Page, Shop
from store.theme import stylesheet
from web.http import (
    HtmxRequest,
    SeeOther,
    bad_request,
    post_only,
    render_page,
    same_for_everybody,
)

PAGE_SIZE = 24
MAX_DIGITS = 18  # what every database can hold
THEME_FOREVER = "public, max-age=31536000, immutable"
THEME_FOR_NOW = "public, max-age=60"


@require_safe
@same_for_everybody("currency", "after")
def item_list(request: HttpRequest) -> HttpResponse:
    items = Item.objects.listed().with_pictures()
    currency = request.GET.get("currency", "")
    if currency not in ("", *settings.STRIPE_CURRENCIES):
        choices = ", ".join(settings.STRIPE_CURRENCIES)
        message = _("“currency” in the address must be one of these: %(choices)s.")
        return bad_request(request, message % {"choices": choices})
    if currency:
        items = items.filter(currency=currency)
    after = request.GET.get("after")
    if after is not None:
        if not (after.isascii() and after.isdigit() and len(after) <= MAX_DIGITS):
            return bad_request(request, _("“after” in the address must be the number of an item."))
        items = items.filter(pk__lt=int(after))
    page = list(items[: PAGE_SIZE + 1])
    has_more = len(page) > PAGE_SIZE
    page = page[:PAGE_SIZE]
    next_after = page[-1].pk if has_more else None
    context = {
        "items": page,
        "next_after": next_after,
        "after": after,
        "currency": currency,
        "currencies": settings.STRIPE_CURRENCIES,
    }
    return render(request, "store/item_list.html", context)


@require_safe
@same_for_everybody()
def item_detail(request: HtmxRequest, item_id: int) -> HttpResponse:
    return item_page(request, get_object_or_404(Item.objects.listed().with_pictures(), pk=item_id))


def item_page(
    request: HtmxRequest, item: Item, *, add_error: str = "", buy_error: str = "", status: int = 200
) -> HttpResponse:
    """Show the item, with the message of a refused Add or Buy beside its button.

    htmx gets the part with the price, the stock and the buttons.
    """
    context = {"item": item, "add_error": add_error, "buy_error": buy_error}
    template = "store/item_detail.html"
    return render_page(request, template, context, fragment="item-offer", status=status)


@require_safe
@same_for_everybody()
def page_detail(request: HttpRequest, slug: str) -> HttpResponse:
    page = get_object_or_404(Page, slug=slug)
    context = {"page": page, "text": markdown.to_html(page.text)}
    return render(request, "store/page_detail.html", context)


@require_safe
def theme(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """Send the accent colour. A page from a cache may still ask for the sheet before a change."""
    shop = Shop.current()
    if not shop.accent_color:
        raise Http404
    is_current = shop.theme_url == request.path
    return HttpResponse(
        stylesheet(shop.accent_color),
        content_type="text/css",
        headers={"Cache-Control": THEME_FOREVER if is_current else THEME_FOR_NOW},
    )


@post_only("store:item-list")
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie, and go back to the page of the shop."""
    back, language = request.POST.get("next", ""), request.POST.get("language")
    is_own_path = back.startswith("/") and url_has_allowed_host_and_scheme(back, None)
    response = SeeOther(back if is_own_path else reverse("store:item-list"))
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
