"""The frame of the Payment Element: fields in the shop's page that the page can't read."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox.http.errors import StripeError, no_such
from stripe_sandbox.pages.frames import account_of, frame_context, texts
from stripe_sandbox.pages.origins import origins
from stripe_sandbox.pages.rendering import render
from stripe_sandbox.resources.payment_intents.payment_intents import UNPAID, PaymentIntent
from stripe_sandbox.state import Sandbox

ENGLISH = {
    "method": "Pay by",
    "card": "Card",
    "sepa_debit": "SEPA debit",
    "multibanco": "Multibanco",
    "customer_balance": "Bank transfer",
    "number": "Card number",
    "expiry": "Expiration date",
    "cvc": "Security code",
    "cvc_hint": "CVC",
    "iban": "IBAN",
    "expiry_hint": "MM / YY",
    "saved": "Use a saved card",
    "no_window": "The window with your saved card can't be opened.",
    "saved_title": "Your saved card",
    "saved_use": "Use Visa 4242",
    "note": "Local Stripe: no money moves.",
    "incomplete_number": "Your card number is incomplete.",
    "invalid_number": "Your card number is invalid.",
    "incomplete_expiry": "Your card's expiration date is incomplete.",
    "invalid_expiry_year_past": "Your card's expiration year is in the past.",
    "incomplete_cvc": "Your card's security code is incomplete.",
    "incomplete_iban": "Your IBAN is incomplete.",
    "invalid_iban": "Your IBAN is invalid.",
}
RUSSIAN = {
    "method": "Способ оплаты",
    "card": "Карта",
    "sepa_debit": "Дебет SEPA",
    "multibanco": "Multibanco",
    "customer_balance": "Банковский перевод",
    "number": "Номер карты",
    "expiry": "Срок действия",
    "cvc": "Код безопасности",
    "cvc_hint": "CVC",
    "iban": "IBAN",
    "expiry_hint": "ММ / ГГ",
    "saved": "Взять сохранённую карту",
    "no_window": "Окно с сохранённой картой не открывается.",
    "saved_title": "Ваша сохранённая карта",
    "saved_use": "Взять Visa 4242",
    "note": "Локальный Stripe: деньги не списываются.",
    "incomplete_number": "Номер карты введён не полностью.",
    "invalid_number": "Номер карты неверен.",
    "incomplete_expiry": "Срок действия карты введён не полностью.",
    "invalid_expiry_year_past": "Срок действия карты истёк.",
    "incomplete_cvc": "Код безопасности введён не полностью.",
    "incomplete_iban": "IBAN введён не полностью.",
    "invalid_iban": "IBAN неверен.",
}


async def payment_frame(request: Request) -> Response:
    context = frame_context(request, ENGLISH, RUSSIAN)
    context["secret"] = request.query_params.get("client_secret", "")
    try:
        context["types"] = _intent(request).body["payment_method_types"]
    except StripeError as error:
        context["error"] = error.body()["error"]
    return render(request, "payment_element.html", context, 200)


async def saved_card(request: Request) -> Response:
    """The window of a wallet, as Link's, which answers the frame that has opened it."""
    language, words = texts(request, ENGLISH, RUSSIAN)
    context = {
        "language": language,
        "words": words,
        "frames": origins(request.app.state.sandbox.origin).frames,
    }
    return render(request, "saved_card.html", context, 200)


def _intent(request: Request) -> PaymentIntent:
    """The intent to pay. Raises `StripeError` for a wrong key or secret, or a paid intent."""
    sandbox: Sandbox = request.app.state.sandbox
    secret = request.query_params.get("client_secret", "")
    intent_id = secret.partition("_secret_")[0]
    intent = sandbox.account(account_of(request)).intents.get(intent_id)
    if intent is None or intent.client_secret != secret:
        raise no_such("payment_intent", intent_id, param="intent", status=404)
    if intent.status not in UNPAID:
        raise StripeError(
            f"The PaymentIntent is in a terminal or processing state ({intent.status}) and can't "
            "be used to initialize Elements.",
            code="payment_intent_unexpected_state",
        )
    return intent


ROUTES = [Route("/v3/elements/payment", payment_frame), Route("/v3/saved_card", saved_card)]
