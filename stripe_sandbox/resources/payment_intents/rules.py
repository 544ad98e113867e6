"""What Stripe refuses for a PaymentIntent beyond parameter types. Checks raise `StripeError`."""

from stripe_sandbox.http.bounds import (
    check_currency,
    check_divisible,
    check_lengths,
    is_email,
    is_url,
)
from stripe_sandbox.http.errors import StripeError, not_implemented
from stripe_sandbox.http.validation import Params
from stripe_sandbox.money.currencies import MAX_AMOUNT, display, minimum, too_small_to_convert
from stripe_sandbox.resources.addresses import check_country
from stripe_sandbox.resources.payment_intents.payment_intents import UNPAID, PaymentIntent
from stripe_sandbox.resources.payment_intents.payment_methods import AWAITED, offered_types
from stripe_sandbox.resources.payment_intents.statements import check_statement

MAX_LENGTHS = {
    "description": 1000,
    "receipt_email": 800,
}


def check_texts(params: Params) -> None:
    """Check lengths and formats of the texts of a PaymentIntent."""
    check_lengths(params, MAX_LENGTHS)
    check_statement(params)
    address = (params.get("shipping") or {}).get("address", {})
    check_country(address.get("country"), "shipping[address][country]")
    email = params.get("receipt_email")
    if email and not is_email(email):
        raise StripeError(
            f"Invalid email address: {email}", param="receipt_email", code="email_invalid"
        )
    if "return_url" in params and not is_url(params["return_url"]):
        raise StripeError("Not a valid URL", param="return_url", code="url_invalid")


def check_amount(amount: int, currency: str) -> None:
    """Check an amount in minor units (docs.stripe.com/currencies)."""
    check_currency(currency, "currency")
    if amount < 1:
        raise _amount("This value must be greater than or equal to 1.", "parameter_invalid_integer")
    least = minimum(currency)
    if amount < least:
        raise _amount(
            f"Amount must be at least {display(least, currency)} {currency}", "amount_too_small"
        )
    if amount > MAX_AMOUNT:
        raise _amount(
            f"Amount must be no more than {display(MAX_AMOUNT, currency)}", "amount_too_large"
        )
    check_divisible(amount, currency, "amount")
    if too_small_to_convert(amount, currency):
        raise _amount("Amount must convert to at least 50 cents.", "amount_too_small")


def check_payment_method_types(currency: str, allowed: list[str] | None) -> None:
    """Check that the buyer can pay with at least one of the payment methods."""
    for each in allowed or []:
        if each not in ("card", "sepa_debit", *AWAITED):
            raise not_implemented(f"`{each}`", param="allowed_payment_method_types")
    if not offered_types(currency, allowed):
        raise StripeError(
            f"No valid payment method types for this payment in {currency}. Please ensure that "
            "`allowed_payment_method_types` has one that supports the currency.",
            param="allowed_payment_method_types",
        )


def check_update(intent: PaymentIntent, params: Params) -> None:
    """Check that the intent can still be changed like this."""
    for name in ("amount", "currency"):
        if name not in params:
            continue
        intent.refuse_if_created_by_checkout()
        if intent.status not in UNPAID:
            raise StripeError(
                f"This PaymentIntent's {name} could not be updated because it has a status of "
                f"{intent.status}. You may only update the {name} of a PaymentIntent with one of "
                f"the following statuses: {', '.join(UNPAID)}.",
                param=name,
                code="payment_intent_unexpected_state",
                extra={"payment_intent": intent.as_json()},
            )
    if intent.status == "canceled":
        raise StripeError(
            "This PaymentIntent could not be updated because it has a status of canceled.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": intent.as_json()},
        )
    amount = params.get("amount", intent.amount)
    currency = params.get("currency", intent.currency)
    check_amount(amount, currency)
    check_payment_method_types(currency, intent.body["allowed_payment_method_types"])
    check_texts(params)


def check_confirm(intent: PaymentIntent, params: Params, *, brings_method: bool) -> None:
    """Check that the intent can be confirmed; `brings_method`: the call has a payment method."""
    intent.refuse_if_created_by_checkout()
    if intent.status == "succeeded":
        raise StripeError(
            "You cannot confirm this PaymentIntent because it has already succeeded after being "
            "previously confirmed.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": intent.as_json()},
        )
    if intent.status not in UNPAID:
        raise intent.unexpected_state("confirm", "confirmed", UNPAID[1:])
    if intent.instrument is None and not brings_method:
        raise StripeError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": intent.as_json()},
        )
    check_texts(params)
    _check_return_url(intent, params)


def _check_return_url(intent: PaymentIntent, params: Params) -> None:
    automatic = intent.body["automatic_payment_methods"] or {}
    url = params.get("return_url", intent.return_url)
    if url is None and automatic.get("allow_redirects") == "always":
        raise StripeError(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. "
            "Because some of these payment methods might redirect your customer off of your page, "
            "you must provide a `return_url`. If you don't want to accept redirect-based payment "
            "methods, set `automatic_payment_methods[enabled]` to `true` and "
            "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents "
            "and Payment Intents.",
            param="return_url",
        )


def _amount(message: str, code: str) -> StripeError:
    return StripeError(message, param="amount", code=code)
