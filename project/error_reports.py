"""Report errors to Sentry, without personal data, where SENTRY_DSN is set."""

from typing import TYPE_CHECKING

from project.environment import fail_startup

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def report_errors_to(dsn: str) -> None:
    try:
        import sentry_sdk  # only in requirements/production.in
    except ImportError:
        fail_startup(
            "SENTRY_DSN is set, but sentry-sdk is not installed (requirements/production.txt)."
        )
    try:
        sentry_sdk.init(
            dsn,
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            before_send=without_request,
        )
    except sentry_sdk.utils.BadDsn:
        fail_startup("SENTRY_DSN is not an address of a Sentry project; see .env.example.")


def without_request(event: "Event", hint: "Hint") -> "Event":
    """Remove the address, which may hold an order's token; the event still names the route."""
    event.pop("request", None)
    event.pop("breadcrumbs", None)
    return event
