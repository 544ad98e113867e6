"""The visitor: a random key in the session. The visitor's orders carry it."""

import functools
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from cart.models import HELD, OPEN, OPEN_CART, Order, OrderLine, State, new_token
from web.http import View

KEY = "visitor"
RENEWED_AT = "renewed_at"  # seconds since 1970
RENEW_AFTER = timedelta(days=1)
MAX_ROWS = 200  # of a visitor's orders and lines that the badge of a kept page is counted from


def visitor_of(request: HttpRequest) -> str:
    """Return the visitor's key; "" for a visitor who has changed nothing yet."""
    return str(request.session.get(KEY, ""))


def ensure_visitor(request: HttpRequest) -> str:
    """Return the visitor's key for a change. Make it if this is the first change.

    A change renews the session, at most once a day.
    """
    session = request.session
    if KEY not in session:
        session[KEY] = _new_key(session)
    now = timezone.now().timestamp()
    if now - session.get(RENEWED_AT, 0) > RENEW_AFTER.total_seconds():
        session[RENEWED_AT] = round(now)  # Django saves a changed session with its full age
    return visitor_of(request)


def _new_key(session: SessionBase) -> str:
    """Return a random key. Two requests at once with the same session get the same key."""
    if session.session_key is None:
        return new_token()
    return salted_hmac("cart.visitor", session.session_key, algorithm="sha256").hexdigest()


def store_new_session(request: HttpRequest) -> None:
    """Store the session of a new visitor in the caller's transaction. See `keep_visitor`."""
    session = request.session
    if session.session_key is None and not session.is_empty():
        session.store_new()  # type: ignore[attr-defined]  # web/sessions.py


def forget_unstored_visitor(request: HttpRequest) -> None:
    """Forget a new visitor whose change was refused, so that Django stores no session for it."""
    if request.session.session_key is None:
        request.session.clear()


def keep_visitor(view: View) -> View:
    """Send the cookie of a session that the view has stored, with a 5xx too.

    Django's middleware doesn't. The answer to a press of Buy may be 503 while its call to Stripe is
    still in flight and holds the last piece. The next press must find it.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, **values: Any) -> HttpResponse:
        response = view(request, **values)
        session = request.session
        is_new = session.session_key not in (
            None,
            request.COOKIES.get(settings.SESSION_COOKIE_NAME),
        )
        if response.status_code >= 500 and is_new:
            response.set_cookie(
                settings.SESSION_COOKIE_NAME,
                str(session.session_key),
                max_age=session.get_expiry_age(),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=settings.SESSION_COOKIE_HTTPONLY,
                samesite=settings.SESSION_COOKIE_SAMESITE,
            )
        return response

    return wrapper


def open_orders(request: HttpRequest) -> list[Order]:
    """Return the visitor's carts. Without a visitor's key it sends no query."""
    visitor = visitor_of(request)
    if not visitor:
        return []
    return list(Order.objects.open_for(visitor).select_related("discount"))


def has_cart(request: HttpRequest, currency: str) -> bool:
    """Whether the visitor has a cart in this currency, which may be any text from a browser."""
    return any(order.currency == currency for order in open_orders(request))


def own_line(request: HttpRequest, line_id: int) -> OrderLine | None:
    """Return a line of one of this visitor's orders; None for anybody else's line.

    A page from before an order was superseded has the lines of the old order. Such a line means
    the same item in the cart of today.
    """
    visitor = visitor_of(request)
    if not visitor:
        return None
    lines = OrderLine.objects.select_related("order", "item")
    return lines.filter(pk=line_id, order__visitor=visitor).first()


def last_paid_order(request: HttpRequest, *, since: datetime) -> Order | None:
    """Return the last order that the visitor has paid since then."""
    visitor = visitor_of(request)
    if not visitor:
        return None
    orders = Order.objects.filter(visitor=visitor, state=State.PAID)
    return orders.filter(updated_at__gte=since).first()


# Two queries of most requests are kept in the process without the visitor: Django takes longer to
# build them than to run them. For an ordering it looks at each column again, so Python sorts.


@functools.cache
def _carts_and_waiting_orders() -> QuerySet[Order]:
    return Order.objects.filter(OPEN_CART | Q(state=State.PROCESSING)).order_by()


@functools.cache
def _lines_in_carts() -> QuerySet[OrderLine]:
    open_lines = OrderLine.objects.filter(
        order__buy_key="", order__superseded_at=None, order__state__in=OPEN
    )
    return open_lines.order_by()


def carts_and_waiting_orders(request: HttpRequest) -> tuple[list[Order], list[Order]]:
    """Return the visitor's carts, and the visitor's orders whose money is on its way or awaited."""
    visitor = visitor_of(request)
    if not visitor:
        return [], []
    orders = list(_carts_and_waiting_orders().filter(visitor=visitor))
    carts = [order for order in orders if order.state != State.PROCESSING]
    waiting = [order for order in orders if order.state == State.PROCESSING]
    waiting.sort(key=lambda order: order.pk, reverse=True)
    return sorted(carts, key=lambda order: order.currency), waiting


def lines_in_carts(visitor: str) -> QuerySet[OrderLine]:
    """The lines in all carts of a visitor, in no order; `visitor` isn't empty."""
    return _lines_in_carts().filter(order__visitor=visitor)


def quantity_in_cart(request: HttpRequest) -> int:
    """Count the pieces in all carts of the visitor, for the badge."""
    visitor = visitor_of(request)
    return sum(lines_in_carts(visitor).values_list("quantity", flat=True)) if visitor else 0


def quantity_if_only_badge_differs(session: SessionBase) -> int | None:
    """Count as quantity_in_cart. None if catalogue pages show the visitor more than this number.

    That is so for staff, for a visitor who is paying, and for one who has chosen a country. An
    ended session is None too: its cookie has to be deleted. So is a visitor with many old orders:
    to read them all would take longer than the page.
    """
    if not {KEY} <= set(session.keys()) <= {KEY, RENEWED_AT}:
        return None
    orders = Order.objects.filter(visitor=session[KEY]).order_by()
    # Plain columns, because Django needs three times as long to write an aggregate of OPEN_CART.
    columns = ("state", "chosen_country", "buy_key", "superseded_at", "lines__quantity")
    rows = list(orders.values_list(*columns)[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        return None
    quantity = 0
    for state, chosen_country, buy_key, superseded_at, pieces in rows:
        if state in HELD or chosen_country:
            return None
        if state == State.CART and not buy_key and superseded_at is None:
            quantity += pieces or 0
    return quantity
