"""The visitor's session: the tokens of the open orders, one for each currency."""

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Sum
from django.http import HttpRequest

from cart.models import OPEN, Order, OrderLine

KEY = "orders"


def open_orders(request: HttpRequest) -> list[Order]:
    """Return the visitor's carts. Without a session it sends no query."""
    if not tokens(request):
        return []
    return list(Order.objects.open_for(tokens(request).values()).select_related("discount"))


def quantity_in_cart(request: HttpRequest) -> int:
    """Count the pieces in all carts of the visitor, for the badge."""
    if not tokens(request):
        return 0
    lines = OrderLine.objects.filter(
        order__token__in=tokens(request).values(),
        order__state__in=OPEN,
        order__superseded_at=None,
    )
    return int(lines.aggregate(quantity=Sum("quantity"))["quantity"] or 0)


def remember_order(request: HttpRequest, order: Order) -> None:
    """Make `order` the visitor's cart of its currency."""
    known = tokens(request)
    if known.get(order.currency) != order.token:
        request.session[KEY] = known | {order.currency: order.token}


def tokens(request: HttpRequest, session: SessionBase | None = None) -> dict[str, str]:
    """Return the tokens by currency, from `session` or from the session of the request."""
    found: dict[str, str] = (session or request.session).get(KEY, {})
    return found
