"""A press of Buy or "Pay here": whether it may buy, who pressed it, and its count."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from cart.visitor import ensure_visitor, forget_unstored_visitor, store_new_session
from payments.errors import NotOffered, NotPressed
from payments.models import Kind
from store.models import Shop
from web.other_sites import is_from_other_site
from web.rate_limit import check_limit

BROWSER_HEADERS = ("Accept-Language", "Origin", "Sec-Fetch-")


@contextmanager
def counted_press(request: HttpRequest, kind: Kind) -> Iterator[Callable[[bool], None]]:
    """Check whether this request may buy, and let the block record it in its transaction.

    The press is counted once, after an error too. The session of a new visitor is stored with the
    attempt to pay, and not if the press is refused. Raises NotOffered, NotPressed, ShopClosed and
    TooManyRequests, which are not counted.
    """
    _guard(request, kind)
    checked = check_limit(request, "buy", at_most=settings.BUY_RATE_LIMIT)

    def record(is_begun: bool) -> None:
        checked.count()
        if is_begun:
            store_new_session(request)

    try:
        yield record
    except Exception:
        forget_unstored_visitor(request)
        record(False)
        raise


def _guard(request: HttpRequest, kind: Kind) -> None:
    """Raise NotOffered, NotPressed or ShopClosed if nothing may be bought by this request.

    A prefetch and an image tag on another site send a GET too, without a press of Buy.
    """
    if kind not in settings.PAYMENT_METHODS:
        raise NotOffered
    is_prefetch = "prefetch" in request.headers.get(
        "Sec-Purpose", request.headers.get("Purpose", "")
    )
    if is_prefetch or is_from_other_site(request):
        raise NotPressed
    Shop.check_open()


def buyer_of(request: HttpRequest) -> str:
    """Return the visitor's key for a press of Buy (docs/decisions/0002).

    A program without a session, like curl, is named by its address and user agent: it gets neither
    session nor cookie, and gets the same open payment again.
    """
    if request.method == "POST" or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return ensure_visitor(request)
    if any(header.startswith(BROWSER_HEADERS) for header in request.headers):
        return ensure_visitor(request)
    program = f"{request.META['REMOTE_ADDR']} {request.headers.get('User-Agent', '')}"
    return salted_hmac("payments.program", program, algorithm="sha256").hexdigest()
