"""Limit how often one address may do something. All processes share the count in the database."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from web.client_address import network_hashes
from web.http import HtmxRequest, View
from web.models import RequestCount

SECONDS = 60  # of a minute
WIDER = 4
TRY_LATER = _("You have tried too often. Please wait a minute and try again.")
# Django's bulk_create can't increment on a conflict.
ADD_ONE = """
    INSERT INTO web_requestcount (action, address, minute, count) VALUES (%s, %s, %s, 1)
    ON CONFLICT (action, address, minute) DO UPDATE SET count = web_requestcount.count + 1
    RETURNING count
"""
# Every change of a cart sends this, and Django takes twenty times as long to build the query.
COUNT_OF = "SELECT count FROM web_requestcount WHERE action = %s AND address = %s AND minute = %s"


class TooManyRequests(Exception):
    """The address is over its limit; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass
class CheckedRequest:
    """A request that may be made, and is counted later."""

    action: str
    start: int
    minutes: int
    allowed: Mapping[str, int]  # the limit of each network
    left: int  # seconds until the next count starts
    is_counted: bool = False

    def count(self) -> None:
        """Count it once, in the caller's transaction if there is one. Raises TooManyRequests."""
        if self.is_counted:
            return
        self.is_counted = True
        for address, at_most in self.allowed.items():
            if count_request(self.action, address, self.start, self.minutes) > at_most:
                raise TooManyRequests(self.left)

    @transaction.atomic  # on SQLite it waits for its turn to write
    def give_back(self) -> None:
        """Take back what `count` has counted."""
        counts = RequestCount.objects.filter(action=self.action, minute=self.start, count__gt=0)
        counts.filter(address__in=list(self.allowed)).update(count=F("count") - 1)


def limit(request: HttpRequest, action: str, *, at_most: int) -> None:
    """Count this request. Raises TooManyRequests if there are more than `at_most` in a minute."""
    check_limit(request, action, at_most=at_most).count()


def check_limit(
    request: HttpRequest, action: str, *, at_most: int, minutes: int = 1, about: str = ""
) -> CheckedRequest:
    """Check this request, so that the caller counts it later.

    Raises TooManyRequests if there were `at_most` in `minutes`. The requests about one thing, like
    a name, are counted separately if `about` names it. The wider network of an IPv6 address, with
    many households, may make WIDER times as many. A limit of 0 is off. A request that is refused
    here writes nothing, so that it delays no other writer.
    """
    start, left = _window(minutes)
    addresses = enumerate(_counted_as(request, about)) if at_most else ()
    allowed = {address: at_most * WIDER**wider for wider, address in addresses}
    for address, limit_of_network in allowed.items():
        with connection.cursor() as cursor:
            cursor.execute(COUNT_OF, [action, address, start])
            row = cursor.fetchone()
        if row and row[0] >= limit_of_network:
            raise TooManyRequests(left)
    return CheckedRequest(action, start, minutes, allowed, left)


def limited_write(refuse: Callable[..., HttpResponse]) -> Callable[[View], View]:
    """Check WRITE_RATE_LIMIT before a change, and count the change.

    If there are too many, or the view raises TooManyRequests, the answer is that of `refuse`, which
    gets the view's arguments and the message. A view that stores its change in
    `counted_transaction` counts it there; any other request is counted after it, even if it fails.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: HtmxRequest, **values: Any) -> HttpResponse:
            try:
                checked = check_limit(request, "write", at_most=settings.WRITE_RATE_LIMIT)
                request.checked_write = checked  # type: ignore[attr-defined]
                try:
                    return view(request, **values)
                finally:
                    checked.count()
            except TooManyRequests as refused:
                response = refuse(request, message=str(TRY_LATER), **values)
                response["Retry-After"] = str(refused.retry_after)
                return response

        return wrapper

    return decorate


@contextmanager
def counted_transaction(request: HttpRequest) -> Iterator[None]:
    """Store a change and its count with one commit. Raises TooManyRequests at its end.

    The count comes last, because it locks the row of the address until the commit.
    """
    with transaction.atomic():
        yield
        if checked := getattr(request, "checked_write", None):
            checked.count()


def count_request(action: str, address: str, minute: int, minutes: int = 1) -> int:
    """Add one request to the count that starts in `minute`, and return the new count.

    One statement reads and adds, so that parallel requests are all counted.
    """
    # On SQLite a transaction waits for its turn to write.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(ADD_ONE, [action, address, minute])
        (count,) = cursor.fetchone()
    if count == 1:  # keep the previous count: a slow request may still be counted in it
        older = RequestCount.objects.filter(action=action, minute__lt=minute - minutes)
        # In the caller's transaction it would lock the counts of other addresses.
        transaction.on_commit(older.delete, robust=True)
    return int(count)


def _window(minutes: int) -> tuple[int, int]:
    """The minute in which the current count started, and the seconds until the next one starts."""
    now = int(time.time())
    window = minutes * SECONDS
    return now // window * minutes, window - now % window


def _counted_as(request: HttpRequest, about: str) -> list[str]:
    """The hashes of the client's networks, or of each of them together with `about`."""
    networks = network_hashes(request)
    if not about:
        return networks
    pairs = [f"{network} {about}" for network in networks]
    return [salted_hmac("web.rate_limit", each, algorithm="sha256").hexdigest() for each in pairs]
