"""So many presses of Buy a minute from one address, counted in the database that all share."""

import hashlib
import time
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest

from payments.models import PressCount

WINDOW_SECONDS = 60


class TooManyRequests(Exception):
    """The address has used up this minute; `retry_after` seconds are left of it."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


def limit_buying(request: HttpRequest) -> None:
    """Counts this request. Raises TooManyRequests above BUY_RATE_LIMIT in one minute."""
    minute, second = divmod(int(time.time()), WINDOW_SECONDS)
    address = hashlib.sha256(_household(request.META["REMOTE_ADDR"]).encode()).hexdigest()
    if _counted(address, minute) > settings.BUY_RATE_LIMIT:
        raise TooManyRequests(WINDOW_SECONDS - second)


def _household(address: str) -> str:
    """With IPv6 a household has 2**64 addresses: they count as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address  # a socket of this machine has none
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, 64), strict=False))
    return address


def _counted(address: str, minute: int) -> int:
    """The count with this press in it; one UPDATE adds it, so that none is lost.

    A slower request may still count in the last minute while this one clears older ones away.
    """
    counts = PressCount.objects.filter(address=address, minute=minute)
    if not counts.update(count=F("count") + 1):
        PressCount.objects.filter(minute__lt=minute - 1).delete()
        first = PressCount(address=address, minute=minute, count=0)
        PressCount.objects.bulk_create([first], ignore_conflicts=True)
        counts.update(count=F("count") + 1)
    return counts.values_list("count", flat=True).first() or 1
