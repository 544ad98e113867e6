"""The calls of Stripe's API that this program answers."""

from typing import Any

from stripe_sandbox import (
    charge_operations,
    coupon_operations,
    dispute_operations,
    event_operations,
    intent_operations,
    refund_operations,
    session_list,
    tax_rate_operations,
)
from stripe_sandbox.calls import Call, Operation
from stripe_sandbox.http.expansion import asks_for, expand
from stripe_sandbox.http.pagination import page
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
        now=call.sandbox.now(),
    )
    for line in session.lines:
        call.account.objects[line.product["id"]] = line.product
    answer = _session_answer(call, session)
    call.sandbox.keep(session)
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
    *session_list.OPERATIONS,
    *intent_operations.OPERATIONS,
    *event_operations.OPERATIONS,
    *charge_operations.OPERATIONS,
    *refund_operations.OPERATIONS,
    *dispute_operations.OPERATIONS,
    *coupon_operations.OPERATIONS,
    *tax_rate_operations.OPERATIONS,
)


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
    """A session knows its coupon even when that has been deleted since."""

    def find(wanted: str) -> dict[str, Any] | None:
        if session.coupon is not None and session.coupon.id == wanted:
            return coupon_json(session.coupon, now=call.sandbox.now())
        return call.account.objects.get(wanted)

    return expand(body, call.expand, find)
