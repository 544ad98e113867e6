"""Buy and "Pay here", for one item and for the cart."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cart.cart_page import FormError, cart_page
from cart.discount_codes import CodeRefused, apply_code_sent_with_buy
from cart.forms import SeenAmountForm
from cart.freezing import EmptyOrder
from cart.holds import SoldOut, is_held_by
from cart.models import Order
from cart.quote import Quote, quote_order
from cart.shipping_choice import store_choice_sent_with_buy
from cart.visitor import keep_visitor, open_orders, visitor_of
from payments import checkout
from payments.checkout import OpenCheckout
from payments.errors import (
    ANSWERED,
    ChooseCurrency,
    ErrorAnswer,
    HeldAlready,
    PaymentAwaited,
    PriceChanged,
    SeenAmountUnreadable,
    answer_to,
)
from payments.models import AWAITED, Kind, Payment
from payments.stripe_api.client import deadline
from payments.views.answers import (
    opened_answer,
    opened_as_json,
    refused_as_json,
    wants_json,
    with_retry_after,
)
from payments.views.presses import buyer_of, counted_press
from store.models import Item
from store.views import item_page
from web.client_address import widest_network_hash
from web.http import HtmxRequest, post_only

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "POST"])  # HEAD is refused: asking about Buy must not buy
@never_cache
@deadline()
@keep_visitor
def buy_item(request: HtmxRequest, item_id: int) -> HttpResponse:
    """Buy one piece: JSON for the page's script (GET), a redirect to Stripe for a form (POST)."""
    try:
        opened = _open_item(request, item_id, Kind.CHECKOUT)
    except ANSWERED as error:
        answer = answer_to(error)
        if wants_json(request):
            return refused_as_json(answer)
        item = get_object_or_404(Item.objects.listed(), pk=item_id)
        page = item_page(request, item, buy_error=answer.message, status=answer.status)
        return with_retry_after(page, answer)
    return opened_answer(request, opened)


@require_http_methods(["GET", "POST"])
@never_cache
@deadline()
def buy_order(request: HtmxRequest) -> HttpResponse:
    """Buy the open order of one currency. A form that is refused is answered with the cart."""
    try:
        opened = _open_order(request, Kind.CHECKOUT)
    except ANSWERED as error:
        answer = _answer_about_cart(request, error)
        if wants_json(request):
            return refused_as_json(answer)
        code, currency = _fields(request).get("code"), _fields(request).get("currency", "")
        refused = FormError(answer.message, text=code, currency=currency)
        if isinstance(error, CodeRefused):
            return cart_page(request, error=refused, status=answer.status)
        page = cart_page(request, buy_error=refused, status=answer.status)
        return with_retry_after(page, answer)
    return opened_answer(request, opened)


@post_only("store:item-detail", "item_id")
@never_cache
@deadline()
@keep_visitor
def create_item_intent(request: HtmxRequest, item_id: int) -> HttpResponse:
    """Create an intent for one piece; the page's script shows its Payment Element."""
    try:
        opened = _open_item(request, item_id, Kind.INTENT)
    except ANSWERED as error:
        return refused_as_json(answer_to(error))
    return opened_as_json(opened)


@post_only("cart:order-detail")
@never_cache
@deadline()
def create_order_intent(request: HtmxRequest) -> HttpResponse:
    """Create an intent for the open order of one currency."""
    try:
        opened = _open_order(request, Kind.INTENT)
    except ANSWERED as error:
        return refused_as_json(_answer_about_cart(request, error))
    return opened_as_json(opened)


def _open_item(request: HttpRequest, item_id: int, kind: Kind) -> OpenCheckout:
    with counted_press(request, kind) as record_press:
        form = SeenAmountForm(_fields(request))
        if not form.is_valid():
            raise SeenAmountUnreadable
        visitor = buyer_of(request)
        try:
            return checkout.buy_item(
                item_id=item_id,
                visitor=visitor,
                address_hash=widest_network_hash(request),
                kind=kind,
                at=timezone.now(),
                check_quote=partial(_check_seen_amount, form.cleaned_data),
                record_press=record_press,
            )
        except SoldOut:
            if is_held_by(visitor, item_id):
                raise HeldAlready from None
            raise


def _check_seen_amount(seen: Mapping[str, Any], quote: Quote) -> None:
    """Compare the quote's price and country with the buyer's page. Raises PriceChanged.

    A request that names no amount is not checked.
    """
    if seen["seen_amount"] is None:
        return
    total, currency = quote.totals.total, quote.order.currency
    country = quote.shipping.country if quote.shipping else ""
    is_seen = (seen["seen_amount"], seen["currency"] or currency) == (total, currency)
    if not is_seen or seen["country"] not in ("", country):
        raise PriceChanged(total, currency)


def _open_order(request: HttpRequest, kind: Kind) -> OpenCheckout:
    with counted_press(request, kind) as record_press:
        fields = _fields(request)
        order = _order_to_buy(request, fields.get("currency", ""))
        if request.method == "POST":
            store_choice_sent_with_buy(request, order)
            apply_code_sent_with_buy(request, order)
        return checkout.buy_order(
            order=order,
            shown_fingerprint=fields.get("shown_fingerprint"),
            address_hash=widest_network_hash(request),
            kind=kind,
            at=timezone.now(),
            record_press=record_press,
        )


def _answer_about_cart(request: HttpRequest, error: Exception) -> ErrorAnswer:
    """The answer to a refused cart, with what the cart costs now."""
    currency, now = _fields(request).get("currency", ""), timezone.now()
    orders = [order for order in open_orders(request) if currency in ("", order.currency)]
    return answer_to(error, quote_order(orders[0], at=now) if len(orders) == 1 else None)


def _fields(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _order_to_buy(request: HttpRequest, currency: str) -> Order:
    """The order of this currency, or the only one.

    Raises EmptyOrder, ChooseCurrency, and PaymentAwaited in a page from before the order was made.
    """
    orders = [order for order in open_orders(request) if currency in ("", order.currency)]
    if len(orders) > 1:
        orders = [order for order in orders if order.lines.exists()]
    if not orders:
        if awaited := _awaited_cart(visitor_of(request), currency):
            raise PaymentAwaited(awaited)
        raise EmptyOrder
    if len(orders) > 1:
        raise ChooseCurrency
    return orders[0]


def _awaited_cart(visitor: str, currency: str) -> Order | None:
    """The visitor's order from a cart that waits for a voucher or a bank transfer, if any."""
    if not visitor:
        return None
    payments = Payment.objects.filter(AWAITED, order__visitor=visitor, order__buy_key="")
    orders = (payment.order for payment in payments.select_related("order"))
    return next((order for order in orders if currency in ("", order.currency)), None)
