"""An answer without what differs from run to run and from account to account."""

import re
from collections.abc import Mapping
from typing import Any

from tests.contract.api import Answer
from tests.contract.run import Result
from tests.contract.steps import Body, Step

_TIMES = {"created", "expires_at", "canceled_at", "due_by", "redeem_by", "start", "updated", "at"}
_SECRET = re.compile(r"\w+_secret_\w+")
_ID = re.compile(r"\b(cs_test|[a-z]{2,6})_[A-Za-z0-9]{14,}\b")
# What depends on the account's settings, on a card network or on Stripe's page: only the kind of
# value is compared.
_OPAQUE = {
    "address",
    "allowed_payment_method_types",
    "api_version",
    "authorization_code",
    "calculated_statement_descriptor",
    "client_secret",
    "doc_url",
    "exp_year",
    "exp_month",
    "fingerprint",
    "network_transaction_id",
    "payment_method_configuration_details",
    "payment_method_options",
    "payment_method_types",
    "pending_webhooks",
    "receipt_number",
    "receipt_url",
    "request",
    "risk_score",
    "seller_message",
    "url",
}
# Objects that an error repeats; a scenario reads them by themselves.
_OPAQUE_IN_ERRORS = {"payment_intent", "payment_method", "source"}
# Links to the dashboard of the account.
_DROPPED = {"request_log_url"}


def normalised(step: Step, result: Result) -> Body:
    """The answer to a step: its status and, if the call is documented, its body."""
    answer = result.answers[step.name]
    if not step.is_documented:
        return {"status": answer.status}
    names = _known_ids(result)
    body = _value("", answer.body, names, in_error="error" in answer.body)
    replayed = {"replayed": True} if answer.is_replayed else {}
    return {"status": answer.status, **replayed, "body": _with_lifetime(body, answer)}


def _known_ids(result: Result) -> dict[str, str]:
    """A name for each id that the scenario knows: `<coupon.id>`."""
    names: dict[str, str] = {}
    for step, answer in result.answers.items():
        if isinstance(found := answer.body.get("id"), str) and not found.startswith(result.run):
            names.setdefault(found, f"<{step}.id>")
    return names | {result.run: "<run>"}


def _value(key: str, value: Any, names: Mapping[str, str], *, in_error: bool) -> Any:
    opaque = key in _OPAQUE or (in_error and key in _OPAQUE_IN_ERRORS)
    if value is None or isinstance(value, bool):
        return value
    if opaque:
        return _kind(value)
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if name not in _DROPPED}
        return {name: _value(name, each, names, in_error=in_error) for name, each in kept.items()}
    if isinstance(value, list):
        return [_value(key, each, names, in_error=in_error) for each in value]
    if isinstance(value, str):
        return _text(value, names)
    return "<time>" if key in _TIMES else value


def _kind(value: Any) -> str:
    kinds = ((dict, "<object>"), (list, "<list>"), (str, "<text>"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "<number>")


def _text(text: str, names: Mapping[str, str]) -> str:
    if _SECRET.fullmatch(text):
        return "<secret>"
    for known, name in names.items():
        text = text.replace(known, name)
    return _ID.sub(lambda match: f"<{match[1]}>", text)


def _with_lifetime(body: Body, answer: Answer) -> Body:
    """The body of a session with `expires_at` as minutes after `created`."""
    match answer.body:
        case {"object": "checkout.session", "created": int(created), "expires_at": int(until)}:
            return {**body, "expires_at": f"<created + {round((until - created) / 60)} minutes>"}
    return body
