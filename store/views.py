from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from store import markdown
from store.listing import Listing, WrongAddress
from store.models import Item, Page, Shop
from store.search import MOST_SORTED
from store.sorting import NEWEST
from store.theme import stylesheet
from web.http import (
    HtmxRequest,
    SeeOther,
    bad_request,
    is_fragment_request,
    post_only,
    render_page,
    same_for_everybody,
)

MOST_SIMILAR = 5
THEME_FOREVER = "public, max-age=31536000, immutable"
THEME_FOR_NOW = "public, max-age=60"


@require_safe
@same_for_everybody("q", "collection", "currency", "sort", "after")
def item_list(request: HtmxRequest) -> HttpResponse:
    """Show the items. htmx gets the results while a shopper types, and the next page's items."""
    try:
        listing = Listing.of(request.GET)
    except WrongAddress as error:
        return bad_request(request, str(error))
    page = listing.page()
    context = {
        "listing": listing,
        "items": page.items,
        "next_page": page.following,
        "most_sorted": number_format(MOST_SORTED, force_grouping=True) if page.is_cut else "",
        "currencies": settings.STRIPE_CURRENCIES,
        "has_found_nothing": False,
    }
    if listing.q and not page.items and listing.after is None:
        context |= _suggestions(listing)
    fragment = "found" if listing.after is None else "more"
    response = render_page(request, "store/item_list.html", context, fragment=fragment)
    if is_fragment_request(request) and listing.after is None:
        _update_address(response, request, listing.address)
    return response


def _suggestions(listing: Listing) -> dict[str, Any]:
    """What to show if nothing was found: items with a similar name, and the newest ones."""
    everything = Listing(currency=listing.currency, sort=NEWEST)
    return {
        "has_found_nothing": True,
        "similar": listing.search.similar(everything.items, MOST_SIMILAR),
        "items": everything.page().items,
    }


def _update_address(response: HttpResponse, request: HtmxRequest, address: str) -> None:
    """Back leads to the page from before the search, and not to each letter that was typed."""
    _, _, query = (request.htmx.current_url or "").partition("?")
    is_searching = "q" in QueryDict(query.partition("#")[0])
    response["HX-Replace-Url" if is_searching else "HX-Push-Url"] = address


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
