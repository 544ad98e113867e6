"""Limit how often one address may do something. All processes share the count in the database."""

import hashlib
import time
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import connection
from django.http import HttpRequest

from web.models import RequestCount

WINDOW_SECONDS = 60
# Django's bulk_create can't increment on a conflict.
ADD_ONE = """
    INSERT INTO web_requestcount (action, address, minute, count) VALUES (%s, %s, %s, 1)
    ON CONFLICT (action, address, minute) DO UPDATE SET count = web_requestcount.count + 1
    RETURNING count
"""


class TooManyRequests(Exception):
    """The address is over this minute's limit; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


def limit(request: HttpRequest, action: str, *, per_minute: int) -> None:
    """Count this request. Raises TooManyRequests if there are more than `per_minute`."""
    minute, second = divmod(int(time.time()), WINDOW_SECONDS)
    if count_request(action, request.META["REMOTE_ADDR"], minute) > per_minute:
        raise TooManyRequests(WINDOW_SECONDS - second)


def count_request(action: str, address: str, minute: int) -> int:
    """Add one request of `address` to its count in `minute`, and return the new count.

    One statement reads and adds, so that parallel requests are all counted.
    """
    network = hashlib.sha256(network_prefix(address).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(ADD_ONE, [action, network, minute])
        (count,) = cursor.fetchone()
    if count == 1:  # keep the previous minute: a slow request may still be counted in it
        RequestCount.objects.filter(minute__lt=minute - 1).delete()
    return int(count)


def network_prefix(address: str) -> str:
    """Return the /64 network of an IPv6 address: one household has all of its addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address  # empty behind a Unix socket
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, 64), strict=False))
    return address
