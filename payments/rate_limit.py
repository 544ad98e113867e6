"""So many presses of Buy a minute from one address, counted in the cache all processes share."""

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

WINDOW_SECONDS = 60


class TooManyRequests(Exception):
    """The address has used up this minute; `retry_after` seconds are left of it."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


def limit_buying(request: HttpRequest) -> None:
    """Counts this request. Raises TooManyRequests above BUY_RATE_LIMIT in one minute."""
    minute, second = divmod(int(time.time()), WINDOW_SECONDS)
    key = f"buy:{request.META['REMOTE_ADDR']}:{minute}"
    cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
    if cache.incr(key) > settings.BUY_RATE_LIMIT:
        raise TooManyRequests(WINDOW_SECONDS - second)
