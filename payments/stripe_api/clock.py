"""The difference between Stripe's clock and this server's, learned from Stripe's answers.

Every answer has a `Date` header. Stripe judges `expires_at` of a session by its own clock.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# The shop's sessions end five minutes within Stripe's bounds, so this much doesn't matter.
HARMLESS = timedelta(minutes=4, seconds=30)

_difference: timedelta | None = None


def learn(date_header: str | None, *, sent_at: float, answered_at: float) -> None:
    """Take the difference from an answer's header; the two times are timestamps of our clock.

    A header without a time or a time zone, which a proxy may send, teaches nothing.
    """
    global _difference
    ours = datetime.fromtimestamp((sent_at + answered_at) / 2, UTC)
    with suppress(ValueError, TypeError, OverflowError):
        _difference = parsedate_to_datetime(date_header or "") - ours


def forget() -> None:
    """Start as a new process does."""
    global _difference
    _difference = None


def difference() -> timedelta | None:
    """How far Stripe's clock is ahead of ours, or None before the first answer."""
    return _difference


def seconds_to_add() -> int:
    """What to add to our times for Stripe: 0 if the difference is harmless or unknown."""
    if _difference is None or abs(_difference) <= HARMLESS:
        return 0
    return round(_difference.total_seconds())
