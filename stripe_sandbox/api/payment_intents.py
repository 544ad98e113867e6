"""The calls about PaymentIntents."""

from typing import Any

from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.bounds import check_own_metadata
from stripe_sandbox.http.errors import StripeError, missing
from stripe_sandbox.http.pagination import is_within, newest_first
from stripe_sandbox.http.publishable_keys import CONFIRM, RETRIEVE
from stripe_sandbox.http.supported_parameters import (
    INTENT,
    INTENT_CONFIRM,
    INTENT_FIELDS,
    INTENT_LIST,
    INTENT_UPDATE,
    INTENT_VALUES,
    refuse_unsupported,
)
from stripe_sandbox.lifecycle import payments
from stripe_sandbox.lifecycle.confirmation import confirm, read_method
from stripe_sandbox.resources.payment_intents.as_json import PUBLIC, intent_json
from stripe_sandbox.resources.payment_intents.payment_intents import CANCELABLE, PaymentIntent
from stripe_sandbox.resources.payment_intents.payment_methods import offered_types
from stripe_sandbox.resources.payment_intents.rules import (
    check_amount,
    check_confirm,
    check_payment_method_types,
    check_texts,
    check_update,
)


def make_intent(call: Call) -> dict[str, Any]:
    params = call.params
    refuse_unsupported(params, INTENT, INTENT_VALUES)
    check_amount(params["amount"], params["currency"])
    check_payment_method_types(params["currency"], params.get("allowed_payment_method_types"))
    check_texts(params)
    check_own_metadata(params)
    if "return_url" in params and not params.get("confirm"):
        raise StripeError("You can only pass `return_url` with `confirm`.", param="return_url")
    intent = _new_intent(call)
    instrument = read_method(call.account, intent, params)
    if params.get("confirm"):
        check_confirm(intent, params, brings_method=instrument is not None)
    _answer(call, intent)  # refuse a wrong `expand` before anything is stored
    payments.add_intent(call.sandbox, intent, call.cause)
    if params.get("confirm"):
        confirm(call.sandbox, intent, params, call.cause)
    elif instrument is not None:
        billing = params.get("payment_method_data", {}).get("billing_details", {})
        payments.attach(call.sandbox, intent, instrument, billing)
    return _answer(call, intent)


def read_intent(call: Call) -> dict[str, Any]:
    return _answer(call, _found(call))


def list_intents(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, INTENT_LIST)
    created = call.params.get("created", {})
    body = newest_first(
        call.account.intents,
        call.params,
        url=ALL,
        fits=lambda intent: is_within(intent.body["created"], created),
        as_json=PaymentIntent.as_json,
    )
    return call.expanded(body)


def change_intent(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, INTENT_UPDATE)
    intent = _found(call)
    check_update(intent, call.params)
    intent.body["metadata"] = call.metadata(intent.body["metadata"])
    for name in INTENT_FIELDS & call.params.keys():
        intent.body[name] = call.params[name] or None
    if "shipping" in call.params:
        intent.ship_to(call.params["shipping"])
    if "currency" in call.params:
        allowed = intent.body["allowed_payment_method_types"]
        intent.body["payment_method_types"] = offered_types(intent.currency, allowed)
    if {"amount", "currency"} & call.params.keys() and intent.status == "requires_action":
        intent.ask_for_confirmation()
    return _answer(call, intent)


def confirm_intent(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, INTENT_CONFIRM, INTENT_VALUES)
    intent = _found(call)
    _answer(call, intent)
    try:
        confirm(call.sandbox, intent, call.params, call.cause, is_public=call.is_public)
    except StripeError as refused:
        if call.is_public and "payment_intent" in refused.extra:
            refused.extra["payment_intent"] = _public(refused.extra["payment_intent"])
        raise
    return _answer(call, intent)


def cancel_intent(call: Call) -> dict[str, Any]:
    intent = _found(call)
    intent.refuse_if_created_by_checkout()
    if intent.status not in CANCELABLE:
        raise intent.unexpected_state("cancel", "canceled", CANCELABLE)
    payments.cancel(call.sandbox, intent, call.params.get("cancellation_reason"), call.cause)
    return _answer(call, intent)


def _new_intent(call: Call) -> PaymentIntent:
    params = call.params
    asked = params.get("automatic_payment_methods", {})
    automatic = {"allow_redirects": asked.get("allow_redirects", "always"), "enabled": True}
    body = intent_json(
        params,
        amount=params["amount"],
        currency=params["currency"],
        types=offered_types(params["currency"], params.get("allowed_payment_method_types")),
        automatic=automatic,
        now=call.sandbox.now(),
    )
    return PaymentIntent(
        call.account.name, body, has_shipping_of_server=body["shipping"] is not None
    )


def _found(call: Call) -> PaymentIntent:
    """The intent in the address. A publishable key also needs its client secret."""
    intent = call.get_or_404(call.account.intents, "payment_intent", param="intent")
    secret = call.params.get("client_secret")
    if call.is_public and secret is None:
        raise missing("client_secret")
    if secret not in (None, intent.client_secret):
        raise StripeError(
            "The client_secret provided does not match the client_secret associated with the "
            "PaymentIntent.",
            param="client_secret",
            code="payment_intent_invalid_parameter",
        )
    return intent


def _answer(call: Call, intent: PaymentIntent) -> dict[str, Any]:
    body = call.expanded(intent.as_json())
    return _public(body) if call.is_public else body


def _public(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in PUBLIC}


ALL, ONE = "/v1/payment_intents", "/v1/payment_intents/{id}"


def _operation(method: str, path: str, kind: str, run: Any, **more: Any) -> Operation:
    module, name = f"_payment_intent_{kind}_params", f"PaymentIntent{kind.title()}Params"
    return Operation(method, path, module, name, run, **more)


OPERATIONS = (
    _operation("POST", ALL, "create", make_intent),
    _operation("GET", ALL, "list", list_intents),
    _operation("GET", ONE, "retrieve", read_intent, public=RETRIEVE),
    _operation("POST", ONE, "update", change_intent),
    _operation("POST", f"{ONE}/confirm", "confirm", confirm_intent, public=CONFIRM),
    _operation("POST", f"{ONE}/cancel", "cancel", cancel_intent),
)
