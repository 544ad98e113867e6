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

from cart import answers, editing
from cart.cart_page import FormError, cart_page, shipping_summary
from cart.discount_codes import CodeRefused, applied_message, apply_code
from cart.forms import AddLineForm, ChangeLineForm, first_error
from cart.freezing import TooManyLines
from cart.models import Order, OrderLine
from cart.receipt_page import MAX_POLLS, receipt_page
from cart.shipping import ShippingRefused
from cart.shipping_choice import choose_shipping as choose_shipping_for
from cart.visitor import has_cart, own_line
from store.models import Shop
from store.models.shop import CLOSED, ShopClosed
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


@post_only("cart:order-detail")
@limited_write(answers.add_rate_limited)
def add_line(request: HtmxRequest) -> HttpResponse:
    form = AddLineForm(request.POST)
    if not form.is_valid():
        message = first_error(form)
        return answers.not_added(request, form, message, 404 if form.has_error("item") else 422)
    item, quantity = form.cleaned_data["item"], form.cleaned_data["quantity"]
    try:
        Shop.check_open()
        with editing.cart_for(request, item.currency, at=timezone.now()) as order:
            submission_id = form.cleaned_data["submission_id"]
            in_carts = editing.add(order, item=item, quantity=quantity, submission_id=submission_id)
    except ShopClosed:
        return answers.not_added(request, form, str(CLOSED), 409)
    except TooManyLines as refused:
        return answers.not_added(request, form, str(refused.message), 422)
    except editing.TooManyPieces as refused:
        message = answers.too_many_pieces(request, item, refused)
        return answers.not_added(request, form, message, 409)
    if not is_fragment_request(request):
        is_known = settings.SESSION_COOKIE_NAME in request.COOKIES
        return SeeOther("/order" if is_known else "/order?added")
    context = {"item": item, "is_added": True, "cart_quantity": in_carts}
    return render_fragment(request, "cart/add_line.html", context)


@post_only("cart:order-detail")
@limited_write(answers.line_rate_limited)
def update_line(request: HtmxRequest, line_id: int) -> HttpResponse:
    line = own_line(request, line_id)
    form = ChangeLineForm(request.POST)
    if line is None:
        return answers.unknown_line(request, line_id, is_unwanted=form.lowers())
    if not form.is_valid():
        message = first_error(form)
        return answers.not_changed(request, line, message, text=request.POST.get("quantity"))
    try:
        _change_line(request, line, form.cleaned_data)
    except editing.TooManyPieces as refused:
        message = answers.too_many_pieces(request, line.item, refused)
        return answers.not_changed(request, line, message, text=request.POST.get("quantity"))
    except editing.QuantityChanged as changed:
        if changed.quantity == 0 and form.lowers():
            return answers.changed(request)
        return answers.changed_meanwhile(request, line, changed.quantity)
    return answers.changed(request)


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
@limited_write(answers.line_rate_limited)
def remove_line(request: HtmxRequest, line_id: int) -> HttpResponse:
    line = own_line(request, line_id)
    if line is None:
        return answers.unknown_line(request, line_id, is_unwanted=True)
    with (
        suppress(editing.QuantityChanged),  # it is gone already
        editing.cart_for(request, line.order.currency, at=timezone.now()) as order,
    ):
        editing.set_quantity(order, item=line.item, quantity=0)
    return answers.changed(request)


@post_only("cart:order-detail")
@limited_write(answers.code_refused)
def apply_discount(request: HtmxRequest) -> HttpResponse:
    currency = request.POST.get("currency", "")
    if not has_cart(request, currency):
        return answers.outdated_page(request)
    try:
        quote = apply_code(request, currency)
    except CodeRefused as refused:
        return answers.code_refused(request, message=refused.message, status=422)
    announcement = applied_message(quote) if quote.lines else ""
    return answers.changed(request, announcement=announcement, focus_code=currency)


@post_only("cart:order-detail")
@limited_write(answers.code_refused)
def remove_discount(request: HtmxRequest) -> HttpResponse:
    currency = request.POST.get("currency", "")
    if not has_cart(request, currency):
        return answers.outdated_page(request)
    with editing.cart_for(request, currency, at=timezone.now()) as order:
        editing.remove_discount(order)
    return answers.changed(request, focus_code=currency)


@post_only("cart:order-detail")
@limited_write(answers.shipping_refused)
def choose_shipping(request: HtmxRequest) -> HttpResponse:
    currency = request.POST.get("currency", "")
    if not has_cart(request, currency):
        return answers.outdated_page(request)
    try:
        quote = choose_shipping_for(request, currency)
    except ShippingRefused as refused:
        return answers.shipping_refused(request, message=refused.message, status=422)
    return answers.changed(request, announcement=shipping_summary(quote))


@require_safe
@never_cache
def order_status(request: HtmxRequest, token: str) -> HttpResponse:
    """Show the receipt; `poll` counts how often a waiting page has asked."""
    order = get_object_or_404(Order.objects.select_related("shipping_address"), token=token)
    poll = request.GET.get("poll", "0")
    if poll not in map(str, range(MAX_POLLS + 1)):
        return bad_request(request, _("“poll” in the address must be a number from 0 to 10."))
    return receipt_page(request, order, poll=int(poll))
