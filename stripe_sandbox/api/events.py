"""The calls about events."""

from fnmatch import fnmatchcase
from typing import Any

from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.errors import StripeError, exclusive, no_such
from stripe_sandbox.http.pagination import is_within, newest_first
from stripe_sandbox.http.supported_parameters import EVENT_LIST, refuse_unsupported
from stripe_sandbox.http.validation import Params
from stripe_sandbox.webhooks.events import Event

MAX_TYPES = 20


def read_event(call: Call) -> dict[str, Any]:
    if call.id not in call.account.events:
        raise no_such("event", call.id, status=404)
    return call.account.events[call.id].as_json()


def list_events(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, EVENT_LIST)
    _check_types(call.params)
    return newest_first(
        call.account.events,
        call.params,
        url="/v1/events",
        fits=lambda event: _fits(event, call.params),
        as_json=Event.as_json,
    )


def _check_types(params: Params) -> None:
    if "type" in params and "types" in params:
        raise exclusive("type", "types")
    if len(params.get("types", [])) > MAX_TYPES:
        raise StripeError(
            f"Array types exceeded maximum {MAX_TYPES} allowed elements.", param="types"
        )


def _fits(event: Event, params: Params) -> bool:
    if not is_within(event.created, params.get("created", {})):
        return False
    if "types" in params:
        fitting = event.type in params["types"]
    else:
        fitting = fnmatchcase(event.type, params.get("type", "*"))
    return fitting and params.get("delivery_success") in (None, event.is_acknowledged)


OPERATIONS = (
    Operation("GET", "/v1/events", "_event_list_params", "EventListParams", list_events),
    Operation(
        "GET", "/v1/events/{id}", "_event_retrieve_params", "EventRetrieveParams", read_event
    ),
)
