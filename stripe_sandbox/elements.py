"""The frame of the Payment Element: the fields that a shop's page has but can't read."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox.elements_texts import texts
from stripe_sandbox.http.authentication import account_of_publishable_key
from stripe_sandbox.http.bounds import is_url
from stripe_sandbox.http.errors import StripeError, no_such
from stripe_sandbox.pages import render
from stripe_sandbox.resources.payment_intents.payment_intents import UNPAID, PaymentIntent
from stripe_sandbox.state import Sandbox


async def payment_frame(request: Request) -> Response:
    asked = request.query_params
    language, words = texts(asked.get("locale", ""))
    context = {
        "key": asked.get("key", ""),
        "secret": asked.get("client_secret", ""),
        "parent": _origin(asked.get("parent", "")),
        "theme": "night" if asked.get("theme") == "night" else "stripe",
        "language": language,
        "words": words,
    }
    try:
        intent = _intent(request)
        context["types"] = intent.body["payment_method_types"]
    except StripeError as error:
        context["error"] = error.body()["error"]
    return render(request, "element.html", context, 200)


def _intent(request: Request) -> PaymentIntent:
    """Raises `StripeError` where there is nothing to pay with this key and secret."""
    sandbox: Sandbox = request.app.state.sandbox
    key, secret = (request.query_params.get(name, "") for name in ("key", "client_secret"))
    account, intent_id = account_of_publishable_key(key), secret.partition("_secret_")[0]
    if account is None:
        raise StripeError(f"Invalid API Key provided: {key[:8]}", status=401)
    intent = sandbox.account(account).intents.get(intent_id)
    if intent is None or intent.client_secret != secret:
        raise no_such("payment_intent", intent_id, param="intent", status=404)
    if intent.status not in UNPAID:
        raise StripeError(
            f"The PaymentIntent is in a terminal or processing state ({intent.status}) and can't "
            "be used to initialize Elements.",
            code="payment_intent_unexpected_state",
        )
    return intent


def _origin(address: str) -> str:
    """The only page that the frame talks to."""
    if not is_url(address):
        return ""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


ROUTES = [Route("/v3/elements/payment", payment_frame)]
