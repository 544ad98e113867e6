"""The rows of the table: what is asked for, and as which share of the empty view it should be."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from bench.load import WrongAnswer
from bench.shop import Shop
from bench.visitors import (
    BROWSER,
    HTMX,
    JSON,
    add_form,
    cart_cookie,
    new_address,
    pressed_buy,
    request,
    staff_cookie,
)
from tests.support import http

EMPTY_VIEW = "/robots.txt"
VISITORS = 64
# More than are sent in one measurement, so that each visitor presses once.
PRESSES = 5000
EVENTS = 200
Requests = Sequence[bytes]


@dataclass(frozen=True)
class Row:
    """What to measure. `prepare` makes the requests, again for each round if `is_sent_once`."""

    name: str
    prepare: Callable[[Shop], Requests]
    goal: float = 0
    statuses: tuple[int, ...] = (200,)
    connections: int = 16
    is_sent_once: bool = False
    stripe_seconds: float = 0


def page(path: str) -> Callable[[Shop], Requests]:
    return lambda shop: [request(shop, path)]


def item(shop: Shop) -> Requests:
    return [request(shop, f"/item/{shop.item}")]


def not_modified(path: str) -> Callable[[Shop], Requests]:
    def prepare(shop: Shop) -> Requests:
        etag = http.get(f"{shop.address}{path}", headers=BROWSER).headers.get("ETag")
        if etag is None:
            raise WrongAnswer(f"{path} has no ETag")
        return [request(shop, path, {"If-None-Match": etag})]

    return prepare


def with_session(path_of: Callable[[Shop], str], pieces: int) -> Callable[[Shop], Requests]:
    """Ask for a page as visitors with so many different items in their cart."""

    def prepare(shop: Shop) -> Requests:
        items = shop.items_in_dollars[:pieces]
        if len(items) < pieces:
            raise WrongAnswer(f"the catalogue has fewer than {pieces} items in US dollars")
        visitors = 1 if pieces > 10 else 16
        cookies = [cart_cookie(shop, items) for _ in range(visitors)]
        return [request(shop, path_of(shop), cookie=cookie) for cookie in cookies]

    return prepare


def first_add(shop: Shop) -> Requests:
    return [
        request(shop, "/order/lines", HTMX | new_address(), form=add_form(shop.item))
        for _ in range(PRESSES)
    ]


def later_add(shop: Shop) -> Requests:
    items = shop.items_in_dollars[:1]
    visitors = [(cart_cookie(shop, items), new_address()) for _ in range(VISITORS)]
    return [
        request(shop, "/order/lines", HTMX | address, form=add_form(shop.item), cookie=cookie)
        for cookie, address in visitors * (PRESSES // VISITORS)
    ]


def buy(shop: Shop) -> Requests:
    """One-click Buy by the script of the page; each visitor is new."""
    path = f"/buy/{shop.item}?currency=USD&country=&seen_amount={shop.seen_amount}"
    return [request(shop, path, JSON | new_address()) for _ in range(PRESSES)]


def pay_here(shop: Shop) -> Requests:
    form: dict[str, object] = {"currency": "USD", "country": "", "seen_amount": shop.seen_amount}
    path = f"/buy/{shop.item}/intent"
    return [request(shop, path, JSON | new_address(), form=form) for _ in range(PRESSES)]


def events(shop: Shop) -> Requests:
    """One event for each of EVENTS payments that have just been made; it makes the order paid."""
    sessions = [pressed_buy(shop).session_id for _ in range(EVENTS)]
    for each in sessions:
        shop.stripe.pay(each)
    return [signed_event(shop, each) for each in sessions]


def signed_event(shop: Shop, session_id: str) -> bytes:
    event = {
        "id": f"evt_{token_hex(12)}",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": {"id": session_id, "object": "checkout.session"}},
    }
    body, now = json.dumps(event).encode(), int(time.time())
    signed = hmac.new(b"whsec_minicart", b"%d.%s" % (now, body), hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={now},v1={signed}"}
    return request(shop, "/stripe/webhook", headers, body=body)


def polls(shop: Shop) -> Requests:
    """What the receipt of an order asks for while it waits for its payment."""
    opened = [pressed_buy(shop) for _ in range(16)]
    tokens = [shop.stripe.session(each.session_id)["success_url"].split("/")[-2] for each in opened]
    return [
        request(shop, f"/order/{token}?poll=1&state=checkout", HTMX, cookie=each.cookie)
        for token, each in zip(tokens, opened, strict=True)
    ]


def order_list(shop: Shop) -> Requests:
    return [request(shop, "/admin/cart/order/", cookie=staff_cookie(shop))]


def order_search(shop: Shop) -> Requests:
    code = "from cart.models import Order; print(*Order.objects.exclude(email='').values_list("
    emails = shop.shell.run(f"{code}'email', flat=True)[:20000:1000])").split()
    cookie = staff_cookie(shop)
    return [request(shop, f"/admin/cart/order/?q={each}", cookie=cookie) for each in emails]


def item_path(shop: Shop) -> str:
    return f"/item/{shop.item}"


MANY_BUYERS: dict[str, Any] = {"connections": VISITORS, "stripe_seconds": 0.05}
ROWS = [
    Row("item page", item, goal=1.0),
    Row("list of 24", page("/"), goal=1.0),
    Row("304 of the item page", lambda shop: not_modified(item_path(shop))(shop), 1.0, (304,)),
    Row("304 of the list of 24", not_modified("/"), 1.0, (304,)),
    Row("item page with a session", with_session(item_path, 1), goal=0.30),
    Row("list of 24 with a session", with_session(lambda _shop: "/", 1), goal=0.30),
    Row("cart of 3 lines", with_session(lambda _shop: "/order", 3), goal=0.12),
    Row("cart of 50 lines", with_session(lambda _shop: "/order", 50)),
    Row("first Add", first_add, goal=0.14),
    Row("later Add", later_add, goal=0.14),
    Row("first Add by 64 visitors at once", first_add, connections=VISITORS),
    Row("Buy", buy, goal=0.05),
    Row("Buy by 64 buyers while Stripe takes 50 ms", buy, **MANY_BUYERS),
    Row("Pay here", pay_here),
    Row("Pay here by 64 buyers while Stripe takes 50 ms", pay_here, **MANY_BUYERS),
    Row("webhook that makes an order paid", events, is_sent_once=True),
    Row("one poll of the receipt", polls),
]
# Two people work in the admin at once.
ADMIN_ROWS = [
    Row("list of orders in the admin", order_list, connections=2),
    Row("search by e-mail in the admin", order_search, connections=2),
]
