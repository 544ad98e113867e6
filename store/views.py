from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from store.models import Item
from web.http import HtmxRequest, bad_request, never_stored_for_visitors, render_page

PAGE_SIZE = 24
MAX_DIGITS = 18  # what every database can hold


@require_safe
@never_stored_for_visitors
def item_list(request: HttpRequest) -> HttpResponse:
    items = Item.objects.listed()
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
@never_stored_for_visitors
def item_detail(request: HtmxRequest, item_id: int) -> HttpResponse:
    return item_page(request, get_object_or_404(Item.objects.listed(), pk=item_id))


def item_page(
    request: HtmxRequest, item: Item, *, add_error: str = "", buy_error: str = "", status: int = 200
) -> HttpResponse:
    """Show the item, with the message of a refused Add or Buy beside its button.

    htmx gets the part with the price, the stock and the buttons.
    """
    context = {"item": item, "add_error": add_error, "buy_error": buy_error}
    template = "store/item_detail.html"
    return render_page(request, template, context, fragment="item-offer", status=status)
