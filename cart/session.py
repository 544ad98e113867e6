"""The browser session holds the tokens of a buyer's open orders, one per currency; nothing else."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest

from cart.editing import editable
from cart.models import OPEN, Order, OrderLine, State

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


def edit(
    request: HttpRequest, currency: str, change: Callable[[Order], None], *, at: datetime
) -> None:
    """Makes `change` on the cart of this currency, in one transaction.

    An order that is being paid is copied first, in a transaction of its own: its session and hold
    have ended by the time the change looks at the stock.
    """
    if any(o.currency == currency and o.state == State.CHECKOUT for o in open_orders(request)):
        with transaction.atomic():
            _cart(request, currency, at)
            # Together with the copy: a crash between the two would lose the buyer's cart.
            request.session.save()
    with transaction.atomic():
        change(_cart(request, currency, at))


def _cart(request: HttpRequest, currency: str, at: datetime) -> Order:
    """The cart, its row locked: the open order, a copy if it is being paid, or a new one."""
    tokens = _tokens(request)
    found = None
    if currency in tokens:
        found = _locked(tokens[currency])
        if found is None:  # an edit at the same moment may have made a copy of it
            fresh = type(request.session)(request.session.session_key).get(KEY, {})
            found = _locked(fresh.get(currency, ""))
    order = editable(found, at=at) if found else Order.objects.create(currency=currency)
    if tokens.get(currency) != order.token:
        request.session[KEY] = tokens | {currency: order.token}
    return order


def _locked(token: str) -> Order | None:
    return Order.objects.open_for([token]).select_for_update().first()


def _tokens(request: HttpRequest) -> dict[str, str]:
    tokens: dict[str, str] = request.session.get(KEY, {})
    return tokens
