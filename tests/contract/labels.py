"""Labels everything that a run makes, and ends it afterwards."""

from collections.abc import Mapping
from typing import Any

from tests.contract.api import Answer, Api
from tests.contract.steps import Body, Form

LABEL = "minicart_contract"
SESSIONS, INTENTS = "/v1/checkout/sessions", "/v1/payment_intents"
COUPONS, TAX_RATES = "/v1/coupons", "/v1/tax_rates"
_PATHS = {
    "checkout.session": SESSIONS,
    "payment_intent": INTENTS,
    "coupon": COUPONS,
    "tax_rate": TAX_RATES,
}
_LABELLED = {*_PATHS.values(), "/v1/refunds", "/v1/payment_methods"}
_CANCELABLE = (
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "requires_capture",
)
# Where objects of an interrupted run are found, with the filters that a list has.
_LISTS: Mapping[str, Form] = {
    SESSIONS: {"status": "open"},
    INTENTS: {},
    COUPONS: {},
    TAX_RATES: {"active": True},
}


def labelled(path: str, form: Form, run: str) -> Form:
    """The form with the label of this run in the metadata of everything that the call makes."""
    if path not in _LABELLED:
        return form
    form = _with_label(form, run)
    if path != SESSIONS:
        return form
    intent = _with_label(form.get("payment_intent_data", {}), run)
    lines = [_labelled_line(line, run) for line in form.get("line_items", [])]
    return {**form, "payment_intent_data": intent, **({"line_items": lines} if lines else {})}


def _labelled_line(line: Form, run: str) -> Form:
    """The line, with the label on the product that Stripe makes of an inline price."""
    price = line.get("price_data", {})
    if "product_data" not in price:
        return line
    product = _with_label(price["product_data"], run)
    return {**line, "price_data": {**price, "product_data": product}}


def _with_label(form: Form, run: str) -> dict[str, Any]:
    return {**form, "metadata": {**form.get("metadata", {}), LABEL: run}}


def end(api: Api, body: Body) -> str | None:
    """Expire, cancel, delete or archive the object. Return its id if Stripe refuses."""
    match body:
        case {"object": "checkout.session", "status": "open", "id": str(name)}:
            answer = api.call("POST", f"{SESSIONS}/{name}/expire")
        case {"object": "payment_intent", "status": status, "id": str(name)} if (
            status in _CANCELABLE
        ):
            answer = api.call("POST", f"{INTENTS}/{name}/cancel")
        case {"object": "coupon", "id": str(name)} if not body.get("deleted"):
            answer = api.call("DELETE", f"{COUPONS}/{name}")
        case {"object": "tax_rate", "active": True, "id": str(name)}:
            answer = api.call("POST", f"{TAX_RATES}/{name}", {"active": False})
        case _:
            return None
    return None if answer.status == 200 or _is_over(api, body) else name


def _is_over(api: Api, body: Body) -> bool:
    """Whether it is gone or has ended meanwhile, as a session that was paid."""
    now = api.call("GET", f"{_PATHS[body['object']]}/{body['id']}")
    over = ("complete", "expired", "succeeded", "canceled", "processing")
    return now.status == 404 or now.body.get("status") in over


def end_leftovers(api: Api) -> list[str]:
    """End what an interrupted run has left. Return the ids that Stripe refuses to end."""
    refused: list[str | None] = []
    for path, filters in _LISTS.items():
        answer = api.call("GET", path, {**filters, "limit": 100})
        refused += [end(api, body) for body in _labelled_objects(answer)]
    return [name for name in refused if name]


def _labelled_objects(answer: Answer) -> list[Body]:
    found: list[Body] = answer.body.get("data", [])
    return [each for each in found if LABEL in (each.get("metadata") or {})]
