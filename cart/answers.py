"""The answers to a change of the cart: done, refused, or no longer possible."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from cart.cart_page import FormError, cart_page
from cart.editing import TooManyPieces
from cart.forms import AddLineForm
from cart.holds import HELD_ALREADY, is_held_by
from cart.models import MAX_QUANTITY, OrderLine
from cart.visitor import own_line, visitor_of
from store.models import Item
from store.views import item_page
from web.http import HtmxRequest, SeeOther, is_fragment_request, render_fragment


def add_rate_limited(request: HtmxRequest, *, message: str) -> HttpResponse:
    form = AddLineForm(request.POST)
    form.is_valid()
    return not_added(request, form, message, 429)


def not_added(request: HtmxRequest, form: AddLineForm, message: str, status: int) -> HttpResponse:
    """Show the message in the form; without htmx, on the item's page, or else on the cart's."""
    item = form.cleaned_data.get("item")
    if is_fragment_request(request):
        context = {"item": item, "add_error": message}
        return render_fragment(request, "cart/add_line.html", context, status=status)
    if item is None:
        return cart_page(request, error=FormError(message), status=status)
    return item_page(request, item, add_error=message, status=status)


def line_rate_limited(request: HtmxRequest, *, line_id: int, message: str) -> HttpResponse:
    line = own_line(request, line_id)
    if line is None:
        return cart_page(request, error=FormError(message), status=429)
    return not_changed(request, line, message, text=request.POST.get("quantity"), status=429)


def code_refused(request: HtmxRequest, *, message: str, status: int = 429) -> HttpResponse:
    code, currency = request.POST.get("code", ""), request.POST.get("currency", "")
    error = FormError(message, text=code, currency=currency)
    return cart_page(request, error=error, status=status)


def shipping_refused(request: HtmxRequest, *, message: str, status: int = 429) -> HttpResponse:
    error = FormError(message, currency=request.POST.get("currency", ""))
    return cart_page(request, shipping_error=error, status=status)


def changed(request: HtmxRequest, *, announcement: str = "", focus_code: str = "") -> HttpResponse:
    if not is_fragment_request(request):
        return SeeOther("/order")
    return cart_page(request, announcement=announcement, focus_code=focus_code)


def unknown_line(request: HtmxRequest, line_id: int, *, is_unwanted: bool) -> HttpResponse:
    """Answer about a line that isn't the visitor's. A second press may remove what is gone."""
    if is_unwanted and not OrderLine.objects.filter(pk=line_id).exists():
        return changed(request)
    return outdated_page(request)


def outdated_page(request: HtmxRequest) -> HttpResponse:
    """Show the cart as it is now, after another tab changed it or the session ended."""
    if visitor_of(request):
        message = _("Your cart has changed meanwhile. This is what is in it now.")
    else:
        message = _("Your browser doesn’t know your cart any more. Please add the items again.")
    return cart_page(request, error=FormError(message), status=404)


def changed_meanwhile(request: HtmxRequest, line: OrderLine, quantity: int) -> HttpResponse:
    """Show the cart as it is now, after another tab changed this line."""
    if not quantity:
        return outdated_page(request)
    message = _("The quantity was changed meanwhile: it is %(quantity)s now.")
    return not_changed(request, line, message % {"quantity": quantity}, status=409)


def not_changed(
    request: HtmxRequest,
    line: OrderLine,
    message: str,
    *,
    text: str | None = None,
    status: int = 422,
) -> HttpResponse:
    """Show the message beside the line; `text` is what the buyer typed."""
    error = FormError(message, text=text, currency=line.order.currency, item_id=line.item_id)
    return cart_page(request, error=error, status=status)


def too_many_pieces(request: HtmxRequest, item: Item, refused: TooManyPieces) -> str:
    """Return the sentence for the buyer: sold out, reserved already, or how many there are."""
    if not refused.left and is_held_by(visitor_of(request), item.pk):
        return str(HELD_ALREADY)
    if not refused.left:
        return _("Sorry, this item is sold out.")
    if refused.left == MAX_QUANTITY:
        message = _("You can have at most %(left)s of one item.")
    elif refused.in_cart:
        message = _("Only %(left)s left. In your cart: %(in_cart)s.")
    else:
        message = _("Only %(left)s left.")
    return message % {"left": refused.left, "in_cart": refused.in_cart}
