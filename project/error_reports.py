"""Report errors to Sentry, without personal data, where SENTRY_DSN is set."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from project.environment import fail_startup
from project.logs import without_secrets

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
            before_send=without_personal_data,
        )
    except sentry_sdk.utils.BadDsn:
        fail_startup("SENTRY_DSN is not an address of a Sentry project; see .env.example.")


def without_personal_data(event: "Event", hint: "Hint") -> "Event":
    """Remove the request, whose address may hold an order's token, and secrets in messages.

    The event still names the route.
    """
    for part in ("request", "breadcrumbs"):
        event.pop(part, None)  # type: ignore[misc]
    for part in ("exception", "logentry", "message", "transaction", "extra"):
        if part in event:
            event[part] = _without_secrets(event[part])  # type: ignore[literal-required]
    return event


def _without_secrets(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {name: _without_secrets(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(part) for part in value]
    return value
