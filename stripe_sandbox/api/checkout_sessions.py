"""The calls about Checkout Sessions."""

from typing import Any

from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.expansion import asks_for, expand
from stripe_sandbox.http.pagination import is_within, newest_first, page
from stripe_sandbox.http.supported_parameters import SESSION_LIST, refuse_unsupported
from stripe_sandbox.http.validation import Params
from stripe_sandbox.resources.checkout.as_json import line_json
from stripe_sandbox.resources.checkout.breakdown import breakdown, line_discounts, line_taxes
from stripe_sandbox.resources.checkout.sessions import CheckoutSession, create_session
from stripe_sandbox.resources.coupons import coupon_json


def make_session(call: Call) -> dict[str, Any]:
    session = create_session(
        call.params,
        account=call.account.name,
        coupons=call.account.coupons,
        tax_rates=call.account.tax_rates,
        rounding=call.sandbox.rounding,
        terms_url=call.sandbox.terms_url,
        now=call.sandbox.now(),
    )
    for line in session.lines:
        call.account.objects[line.product["id"]] = line.product
    answer = _session_answer(call, session)
    call.sandbox.add_session(session)
    return answer


def read_session(call: Call) -> dict[str, Any]:
    return _session_answer(call, call.session())


def expire_session(call: Call) -> dict[str, Any]:
    session = call.session()
    call.sandbox.expire(session, call.cause)
    return _session_answer(call, session)


def list_lines(call: Call) -> dict[str, Any]:
    session = call.session()
    return _expanded(call, session, _lines(session, call.params, call.expand))


def list_sessions(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, SESSION_LIST)
    call.sandbox.expire_overdue()
    body = newest_first(
        call.account.sessions,
        call.params,
        url="/v1/checkout/sessions",
        fits=lambda session: _fits(session, call.params),
        as_json=call.sandbox.session_json,
    )
    return call.expanded(body)


def _session_answer(call: Call, session: CheckoutSession) -> dict[str, Any]:
    body = call.sandbox.session_json(session)
    if asks_for(call.expand, "line_items"):
        inner = [path.removeprefix("line_items.") for path in call.expand]
        body["line_items"] = _lines(session, {}, inner)
    if asks_for(call.expand, "total_details.breakdown"):
        body["total_details"]["breakdown"] = breakdown(session)
    return _expanded(call, session, body)


def _lines(session: CheckoutSession, params: Params, paths: list[str]) -> dict[str, Any]:
    lines = [line_json(line) for line in session.lines]
    for line, body in zip(session.lines, lines, strict=True):
        if asks_for(paths, "data.discounts"):
            body["discounts"] = line_discounts(session, line)
        if asks_for(paths, "data.taxes"):
            body["taxes"] = line_taxes(line)
    return page(lines, params, url=f"/v1/checkout/sessions/{session.id}/line_items")


def _expanded(call: Call, session: CheckoutSession, body: dict[str, Any]) -> dict[str, Any]:
    """A session's coupon can be expanded even after it was deleted."""

    def find(wanted: str) -> dict[str, Any] | None:
        if session.coupon is not None and session.coupon.id == wanted:
            return coupon_json(session.coupon, now=call.sandbox.now())
        return call.account.objects.get(wanted)

    return expand(body, call.expand, find)


def _fits(session: CheckoutSession, params: Params) -> bool:
    return (
        params.get("payment_intent") in (None, session.payment_intent)
        and params.get("status") in (None, session.status)
        and is_within(session.created, params.get("created", {}))
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/checkout/sessions",
        "checkout/_session_create_params",
        "SessionCreateParams",
        make_session,
    ),
    Operation(
        "GET",
        "/v1/checkout/sessions/{id}",
        "checkout/_session_retrieve_params",
        "SessionRetrieveParams",
        read_session,
    ),
    Operation(
        "POST",
        "/v1/checkout/sessions/{id}/expire",
        "checkout/_session_expire_params",
        "SessionExpireParams",
        expire_session,
    ),
    Operation(
        "GET",
        "/v1/checkout/sessions/{id}/line_items",
        "checkout/_session_list_line_items_params",
        "SessionListLineItemsParams",
        list_lines,
    ),
    Operation(
        "GET",
        "/v1/checkout/sessions",
        "checkout/_session_list_params",
        "SessionListParams",
        list_sessions,
    ),
)
