"""Errors go to Sentry where SENTRY_DSN is set, without anything that belongs to a person."""

from typing import TYPE_CHECKING

from project.environment import refuse

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def report_errors_to(dsn: str) -> None:
    try:
        import sentry_sdk  # only in requirements/production.in
    except ImportError:
        refuse("SENTRY_DSN is set, but sentry-sdk is not installed (requirements/production.txt).")
    try:
        sentry_sdk.init(
            dsn,
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            before_send=without_request,
        )
    except sentry_sdk.utils.BadDsn:
        refuse("SENTRY_DSN is not an address that Sentry gives out; see .env.example.")


def without_request(event: "Event", hint: "Hint") -> "Event":
    """The route is the event's transaction; the address itself may hold an order's token."""
    event.pop("request", None)
    event.pop("breadcrumbs", None)
    return event
