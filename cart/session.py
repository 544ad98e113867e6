"""The browser session holds the tokens of a buyer's open orders, one per currency; nothing else."""

from datetime import datetime

from django.db.models import Sum
from django.http import HttpRequest

from cart.editing import editable
from cart.models import OPEN, Order, OrderLine

KEY = "orders"


def open_orders(request: HttpRequest) -> list[Order]:
    """No query, and no session, for a visitor who never added anything."""
    tokens = _tokens(request)
    if not tokens:
        return []
    return list(Order.objects.open_for(tokens.values()).select_related("discount"))


def quantity_in_cart(request: HttpRequest) -> int:
    tokens = _tokens(request)
    if not tokens:
        return 0
    lines = OrderLine.objects.filter(
        order__token__in=tokens.values(), order__state__in=OPEN, order__superseded_at=None
    )
    return int(lines.aggregate(quantity=Sum("quantity"))["quantity"] or 0)


def order_to_edit(request: HttpRequest, currency: str, *, at: datetime) -> Order:
    """The cart of this currency, locked: the open order, a copy if it is being paid, or a new one.

    To be called in the transaction of the change.
    """
    tokens = _tokens(request)
    found = Order.objects.none()
    if currency in tokens:
        found = Order.objects.open_for([tokens[currency]]).select_for_update()
    open_order = found.first()
    order = editable(open_order, at=at) if open_order else Order.objects.create(currency=currency)
    if tokens.get(currency) != order.token:
        request.session[KEY] = tokens | {currency: order.token}
    return order


def _tokens(request: HttpRequest) -> dict[str, str]:
    tokens: dict[str, str] = request.session.get(KEY, {})
    return tokens
