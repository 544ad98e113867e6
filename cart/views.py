"""The pages of the cart. A change answers htmx with a fragment, a plain form with a redirect."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cart import editing
from cart.cart_page import FormError, cart_page
from cart.discount_codes import CodeRefused, applied_message, apply_code
from cart.forms import AddLineForm, ChangeLineForm
from cart.holds import HELD_ALREADY, is_held_by
from cart.models import MAX_QUANTITY, Order, OrderLine
from cart.receipt_page import MAX_POLLS, receipt_page
from cart.visitor import open_orders, visitor_of
from store.models import Item
from store.views import item_page
from web.http import (
    HtmxRequest,
    SeeOther,
    bad_request,
    is_fragment_request,
    post_only,
    render_fragment,
)
from web.rate_limit import limited_write


@require_safe
@never_cache
def order_detail(request: HtmxRequest) -> HttpResponse:
    """Show the cart. The first Add redirects to ?added, to find out if the cookie was accepted."""
    if "added" not in request.GET:
        return cart_page(request)
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return SeeOther("/order")
    message = _(
        "Your browser refused the cookie that a cart needs. Allow cookies for this shop, "
        "then add the item again."
    )
    return cart_page(request, error=FormError(message))


def _add_limited(request: HtmxRequest, *, message: str) -> HttpResponse:
    form = AddLineForm(request.POST)
    form.is_valid()
    return _not_added(request, form, message, 429)


@post_only("cart:order-detail")
@limited_write(_add_limited)
def add_line(request: HtmxRequest) -> HttpResponse:
    form = AddLineForm(request.POST)
    if not form.is_valid():
        message = str(next(iter(form.errors.values()))[0])
        return _not_added(request, form, message, 404 if form.has_error("item") else 422)
    item, quantity = form.cleaned_data["item"], form.cleaned_data["quantity"]
    try:
        with editing.cart_for(request, item.currency, at=timezone.now()) as order:
            submission_id = form.cleaned_data["submission_id"]
            editing.add(order, item=item, quantity=quantity, submission_id=submission_id)
    except editing.TooManyPieces as refused:
        return _not_added(request, form, _too_many(request, item, refused), 409)
    if not is_fragment_request(request):
        is_known = settings.SESSION_COOKIE_NAME in request.COOKIES
        return SeeOther("/order" if is_known else "/order?added")
    return render_fragment(request, "cart/add_line.html", {"item": item, "is_added": True})


def _not_added(request: HtmxRequest, form: AddLineForm, message: str, status: int) -> HttpResponse:
    """Show the message in the form; without htmx, on the item's page, or on the cart's if none."""
    item = form.cleaned_data.get("item")
    if is_fragment_request(request):
        context = {"item": item, "add_error": message}
        return render_fragment(request, "cart/add_line.html", context, status=status)
    if item is None:
        return cart_page(request, error=FormError(message), status=status)
    return item_page(request, item, add_error=message, status=status)


def _line_limited(request: HtmxRequest, *, line_id: int, message: str) -> HttpResponse:
    line = _own_line(request, line_id)
    if line is None:
        return cart_page(request, error=FormError(message), status=429)
    return _not_changed(request, line, message, text=request.POST.get("quantity"), status=429)


@post_only("cart:order-detail")
@limited_write(_line_limited)
def update_line(request: HtmxRequest, line_id: int) -> HttpResponse:
    line = _own_line(request, line_id)
    form = ChangeLineForm(request.POST)
    if line is None:
        return _not_own(request, line_id, is_unwanted=form.lowers())
    if not form.is_valid():
        message = str(next(iter(form.errors.values()))[0])
        return _not_changed(request, line, message, text=request.POST.get("quantity"))
    try:
        _change_line(request, line, form.cleaned_data)
    except editing.TooManyPieces as refused:
        text = request.POST.get("quantity")
        return _not_changed(request, line, _too_many(request, line.item, refused), text=text)
    except editing.QuantityChanged as changed:
        if changed.quantity == 0 and form.lowers():
            return _changed(request)
        return _changed_meanwhile(request, line, changed.quantity)
    return _changed(request)


def _change_line(request: HtmxRequest, line: OrderLine, wanted: dict[str, Any]) -> None:
    submission_id, by = wanted["submission_id"], wanted["change"]
    with editing.cart_for(request, line.order.currency, at=timezone.now()) as order:
        if by is not None:
            editing.change_quantity(order, item=line.item, by=by, submission_id=submission_id)
        else:
            editing.set_quantity(
                order,
                item=line.item,
                quantity=wanted["quantity"],
                was=wanted["was"],
                submission_id=submission_id,
            )


@post_only("cart:order-detail")
@limited_write(_line_limited)
def remove_line(request: HtmxRequest, line_id: int) -> HttpResponse:
    line = _own_line(request, line_id)
    if line is None:
        return _not_own(request, line_id, is_unwanted=True)
    with (
        suppress(editing.QuantityChanged),  # it is gone already
        editing.cart_for(request, line.order.currency, at=timezone.now()) as order,
    ):
        editing.set_quantity(order, item=line.item, quantity=0)
    return _changed(request)


def _code_refused(request: HtmxRequest, *, message: str, status: int = 429) -> HttpResponse:
    code, currency = request.POST.get("code", ""), request.POST.get("currency", "")
    error = FormError(message, text=code, currency=currency)
    return cart_page(request, error=error, status=status)


@post_only("cart:order-detail")
@limited_write(_code_refused)
def apply_discount(request: HtmxRequest) -> HttpResponse:
    currency = request.POST.get("currency", "")
    if currency not in {order.currency for order in open_orders(request)}:
        return _gone(request)
    try:
        quote = apply_code(request, currency)
    except CodeRefused as refused:
        return _code_refused(request, message=refused.message, status=422)
    announcement = applied_message(quote) if quote.lines else ""
    return _changed(request, announcement=announcement, focus_code=currency)


@post_only("cart:order-detail")
@limited_write(_code_refused)
def remove_discount(request: HtmxRequest) -> HttpResponse:
    currency = request.POST.get("currency", "")
    if currency not in {order.currency for order in open_orders(request)}:
        return _gone(request)
    with editing.cart_for(request, currency, at=timezone.now()) as order:
        editing.remove_discount(order)
    return _changed(request, focus_code=currency)


def _own_line(request: HtmxRequest, line_id: int) -> OrderLine | None:
    """Return a line of one of this visitor's orders; None for anybody else's line.

    A page from before an order was superseded has the lines of the old order. Such a line means
    the same item in the cart of today.
    """
    visitor = visitor_of(request)
    if not visitor:
        return None
    lines = OrderLine.objects.select_related("order", "item")
    return lines.filter(pk=line_id, order__visitor=visitor).first()


def _changed(request: HtmxRequest, *, announcement: str = "", focus_code: str = "") -> HttpResponse:
    if not is_fragment_request(request):
        return SeeOther("/order")
    return cart_page(request, announcement=announcement, focus_code=focus_code)


def _not_own(request: HtmxRequest, line_id: int, *, is_unwanted: bool) -> HttpResponse:
    """Answer about a line that isn't the visitor's. A second press may remove what is gone."""
    if is_unwanted and not OrderLine.objects.filter(pk=line_id).exists():
        return _changed(request)
    return _gone(request)


def _gone(request: HtmxRequest) -> HttpResponse:
    """Show the cart as it is now, after another tab changed it or the session ended."""
    if visitor_of(request):
        message = _("Your cart has changed meanwhile. This is what is in it now.")
    else:
        message = _("Your browser doesn’t know your cart any more. Please add the items again.")
    return cart_page(request, error=FormError(message), status=404)


def _changed_meanwhile(request: HtmxRequest, line: OrderLine, quantity: int) -> HttpResponse:
    """Show the cart as it is now, after another tab changed this line."""
    if not quantity:
        return _gone(request)
    message = _("The quantity was changed meanwhile: it is %(quantity)s now.")
    return _not_changed(request, line, message % {"quantity": quantity}, status=409)


def _not_changed(
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


def _too_many(request: HtmxRequest, item: Item, refused: editing.TooManyPieces) -> str:
    if not refused.left and is_held_by(visitor_of(request), item):
        return str(HELD_ALREADY)
    if not refused.left:
        return _("Sorry, this item is sold out.")
    if refused.left < MAX_QUANTITY:
        return _("Only %(left)s left.") % {"left": refused.left}
    return _("You can have at most %(left)s of one item.") % {"left": refused.left}


@require_safe
@never_cache
def order_status(request: HtmxRequest, token: str) -> HttpResponse:
    """Show the receipt; `poll` counts how often a waiting page has asked."""
    order = get_object_or_404(Order.objects.prefetch_related("lines", "taxes"), token=token)
    poll = request.GET.get("poll", "0")
    if poll not in map(str, range(MAX_POLLS + 1)):
        return bad_request(request, _("“poll” in the address must be a number from 0 to 10."))
    return receipt_page(request, order, poll=int(poll))
