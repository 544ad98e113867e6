"""The pages of the cart. A change answers htmx with a fragment, a plain form with a redirect."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cart import editing
from cart.forms import AddLineForm, DiscountCodeForm, QuantityForm
from cart.models import DiscountRefused, Order, OrderLine
from cart.quote import Quote, quote_order
from cart.visitor import open_orders, visitor_of
from store.templatetags.money import money
from store.views import item_page
from web.http import (
    HtmxRequest,
    SeeOther,
    bad_request,
    is_fragment_request,
    post_only,
    render_page,
)

MAX_POLLS = 10


@dataclass(frozen=True)
class FormError:
    """A message about a form's input `text`: beside a line, or at the code field of a currency."""

    message: str
    text: str = ""
    line_id: int | None = None
    currency: str = ""


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


def cart_page(
    request: HtmxRequest,
    *,
    error: FormError | None = None,
    buy_error: FormError | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the cart with its errors in place; answer htmx with the fragments that change."""
    now = timezone.now()
    quotes = [each for order in open_orders(request) if (each := quote_order(order, at=now)).lines]
    context = {
        "quotes": quotes,
        "error": error,
        "buy_error": buy_error,
        "announcement": error.message if error else cart_summary(quotes),
        "quantity": sum(each.quantity for each in quotes),
    }
    template = "cart/order_detail.html"
    return render_page(request, template, context, fragment="cart-changed", status=status)


def cart_summary(quotes: list[Quote]) -> str:
    """Return a sentence for screen readers: the number of items and the totals."""
    quantity = sum(each.quantity for each in quotes)
    if not quantity:
        return _("Your cart is empty.")
    amounts = ", ".join(str(money(q.totals.total, q.order.currency)) for q in quotes)
    return ngettext(
        "Your cart: %(quantity)s item, %(amounts)s.",
        "Your cart: %(quantity)s items, %(amounts)s.",
        quantity,
    ) % {"quantity": quantity, "amounts": amounts}


@post_only("cart:order-detail")
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
        return _not_added(request, form, _too_many(refused), 409)
    if not is_fragment_request(request):
        is_known = settings.SESSION_COOKIE_NAME in request.COOKIES
        return SeeOther("/order" if is_known else "/order?added")
    return render(request, "cart/add_line.html", {"item": item, "is_added": True})


def _not_added(request: HtmxRequest, form: AddLineForm, message: str, status: int) -> HttpResponse:
    """Show the message in the form; without htmx, on the item's page, or on the cart's if none."""
    item = form.cleaned_data.get("item")
    if is_fragment_request(request):
        context = {"item": item, "add_error": message}
        return render(request, "cart/add_line.html", context, status=status)
    if item is None:
        return cart_page(request, error=FormError(message), status=status)
    return item_page(request, item, add_error=message, status=status)


@post_only("cart:order-detail")
def update_line(request: HtmxRequest, line_id: int) -> HttpResponse:
    line = _own_line(request, line_id)
    if line is None:
        return _gone(request)
    form = QuantityForm(request.POST)
    if not form.is_valid():
        return _wrong_quantity(request, line, str(form.errors["quantity"][0]))
    try:
        _set_quantity(request, line, form.cleaned_data["quantity"])
    except editing.TooManyPieces as refused:
        return _wrong_quantity(request, line, _too_many(refused))
    return _changed(request)


@post_only("cart:order-detail")
def remove_line(request: HtmxRequest, line_id: int) -> HttpResponse:
    line = _own_line(request, line_id)
    if line is None:
        return _gone(request)
    _set_quantity(request, line, 0)
    return _changed(request)


def _set_quantity(request: HtmxRequest, line: OrderLine, quantity: int) -> None:
    with editing.cart_for(request, line.order.currency, at=timezone.now()) as order:
        editing.set_quantity(order, item=line.item, quantity=quantity)


@post_only("cart:order-detail")
def apply_discount(request: HtmxRequest) -> HttpResponse:
    currency = request.POST.get("currency", "")
    form = DiscountCodeForm(request.POST)
    text = request.POST.get("code", "")
    if not form.is_valid():
        return _wrong_code(request, str(form.errors["code"][0]), text, currency)
    if currency not in {order.currency for order in open_orders(request)}:
        return _gone(request)
    try:
        now = timezone.now()
        with editing.cart_for(request, currency, at=now) as order:
            editing.apply_discount(order, code=form.cleaned_data["code"], at=now)
    except DiscountRefused as refused:
        return _wrong_code(request, str(refused.reason.label), text, currency)
    return _changed(request)


@post_only("cart:order-detail")
def remove_discount(request: HtmxRequest) -> HttpResponse:
    currency = request.POST.get("currency", "")
    if currency not in {order.currency for order in open_orders(request)}:
        return _gone(request)
    with editing.cart_for(request, currency, at=timezone.now()) as order:
        editing.remove_discount(order)
    return _changed(request)


def _own_line(request: HtmxRequest, line_id: int) -> OrderLine | None:
    """Return a line of this visitor's open orders; None for anybody else's line."""
    lines = OrderLine.objects.select_related("order", "item")
    return lines.filter(pk=line_id, order__in=open_orders(request)).first()


def _changed(request: HtmxRequest) -> HttpResponse:
    return cart_page(request) if is_fragment_request(request) else SeeOther("/order")


def _gone(request: HtmxRequest) -> HttpResponse:
    """Show the cart as it is now, after another tab changed it or the session ended."""
    message = _("Your cart has changed meanwhile. This is what is in it now.")
    return cart_page(request, error=FormError(message), status=404)


def _wrong_quantity(request: HtmxRequest, line: OrderLine, message: str) -> HttpResponse:
    error = FormError(message, text=request.POST.get("quantity", ""), line_id=line.pk)
    return cart_page(request, error=error, status=422)


def _wrong_code(request: HtmxRequest, message: str, text: str, currency: str) -> HttpResponse:
    return cart_page(request, error=FormError(message, text=text, currency=currency), status=422)


def _too_many(refused: editing.TooManyPieces) -> str:
    if not refused.left:
        return _("Sorry, this item is sold out.")
    return ngettext(
        "You can have %(left)s of it at most.",
        "You can have %(left)s of them at most.",
        refused.left,
    ) % {"left": refused.left}


@require_safe
@never_cache
def order_status(request: HtmxRequest, token: str) -> HttpResponse:
    """Show the receipt, or what the order waits for; a waiting page polls up to MAX_POLLS times."""
    order = get_object_or_404(Order.objects.prefetch_related("lines", "taxes"), token=token)
    poll = request.GET.get("poll", "0")
    if poll not in map(str, range(MAX_POLLS + 1)):
        return bad_request(request, _("“poll” in the address must be a number from 0 to 10."))
    next_poll = int(poll) + 1 if order.is_waiting and int(poll) < MAX_POLLS else None
    has_changed = request.GET.get("state") != order.state
    context = {
        "order": order,
        "is_own": order.visitor and order.visitor == visitor_of(request),
        "next_poll": next_poll,
        "has_changed": has_changed,
    }
    response = render_page(request, "cart/order_status.html", context, fragment="order-changed")
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"  # the address is the key to the receipt
    return response
