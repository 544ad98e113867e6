"""Limit how often one address may do something. All processes share the count in the database."""

import time

from django.db import connection
from django.http import HttpRequest

from web.client_address import network_hashes
from web.models import RequestCount

WINDOW_SECONDS = 60
WIDER = 4
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
    """Count this request. Raises TooManyRequests if there are more than `per_minute`.

    The wider network of an IPv6 address, with many households, may make WIDER times as many. A
    limit of 0 is off.
    """
    if not per_minute:
        return
    minute, second = divmod(int(time.time()), WINDOW_SECONDS)
    for wider, network in enumerate(network_hashes(request)):
        if count_request(action, network, minute) > per_minute * WIDER**wider:
            raise TooManyRequests(WINDOW_SECONDS - second)


def count_request(action: str, network: str, minute: int) -> int:
    """Add one request of a network to its count in `minute`, and return the new count.

    One statement reads and adds, so that parallel requests are all counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(ADD_ONE, [action, network, minute])
        (count,) = cursor.fetchone()
    if count == 1:  # keep the previous minute: a slow request may still be counted in it
        RequestCount.objects.filter(minute__lt=minute - 1).delete()
    return int(count)
