"""The test cards and bank accounts, and the outcome of a payment with each.

The numbers are those of docs.stripe.com/testing.
"""

import re
from dataclasses import dataclass


class UnknownNumber(Exception):
    """The number isn't a test number. `field` is the form field that has it."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Decline:
    """A bank declines a payment (docs.stripe.com/declines/codes)."""

    code: str
    message: str
    decline_code: str | None = None
    kind: str = "card_error"


AWAITED = ("multibanco", "customer_balance")


@dataclass(frozen=True)
class Instrument:
    """A card or bank account. A bank account's `decline` comes later, a card's at once."""

    type: str  # of payment method: "card", "sepa_debit", or one of AWAITED
    number: str
    decline: Decline | None = None
    needs_authentication: bool = False

    @property
    def is_delayed(self) -> bool:
        return self.type == "sepa_debit"

    @property
    def is_awaited(self) -> bool:
        """Whether the buyer pays a voucher or a bank transfer in the days that follow."""
        return self.type in AWAITED

    @property
    def last4(self) -> str:
        return self.number[-4:]


VOUCHER_EXPIRED = Decline(
    "payment_intent_payment_attempt_expired",
    "The payment attempt has expired.",
    kind="invalid_request_error",
)
AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again.",
    kind="invalid_request_error",
)
_GENERIC = Decline("card_declined", "Your card was declined.", "generic_decline")
_NO_FUNDS = Decline("card_declined", "Your card has insufficient funds.", "insufficient_funds")
_DEBIT_FAILED = Decline(
    "payment_intent_payment_attempt_failed", "The payment failed.", kind="invalid_request_error"
)

GOOD_CARD = "4242424242424242"
_CARDS = {
    each.number: each
    for each in (
        Instrument("card", GOOD_CARD),
        Instrument("card", "4000000000000002", _GENERIC),
        Instrument("card", "4000000000009995", _NO_FUNDS),
        Instrument("card", "4000002500003155", needs_authentication=True),
    )
}
_IBANS = {
    each.number: each
    for each in (
        Instrument("sepa_debit", "DE89370400440532013000"),
        Instrument("sepa_debit", "DE62370400440532013001", _DEBIT_FAILED),
    )
}
# Stripe's test payment methods, for servers, which must not send card numbers.
_TEST_METHODS = {
    "pm_card_visa": GOOD_CARD,
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_authenticationRequired": "4000002500003155",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
}
# Stripe's test tokens, of which a server makes payment methods.
_TOKENS = {
    "tok_visa": GOOD_CARD,
    "tok_chargeDeclined": "4000000000000002",
    "tok_chargeDeclinedInsufficientFunds": "4000000000009995",
}


def find_card(typed: str) -> Instrument:
    """Raises `UnknownNumber`."""
    number = re.sub(r"[\s-]", "", typed)
    if number not in _CARDS:
        raise UnknownNumber(
            "The local Stripe accepts these cards: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 "
            "is declined, 4000 0000 0000 9995 has insufficient funds, 4000 0025 0000 3155 needs "
            "3-D Secure.",
            field="card",
        )
    return _CARDS[number]


def find_iban(typed: str) -> Instrument:
    """Raises `UnknownNumber`."""
    number = re.sub(r"[\s-]", "", typed).upper()
    if number not in _IBANS:
        raise UnknownNumber(
            "The local Stripe accepts these bank accounts: DE89 3704 0044 0532 0130 00 pays, "
            "DE62 3704 0044 0532 0130 01 fails later.",
            field="iban",
        )
    return _IBANS[number]


def awaited_instrument(kind: str) -> Instrument:
    """A voucher or a bank transfer; it has no number. `kind` is one of AWAITED."""
    return Instrument(kind, "")


def find_test_method(name: str) -> Instrument | None:
    """The instrument of a test payment method such as `pm_card_visa`."""
    return _CARDS.get(_TEST_METHODS.get(name, ""))


def find_token(name: str) -> Instrument | None:
    """The card of a test token such as `tok_visa`."""
    return _CARDS.get(_TOKENS.get(name, ""))


def offered_types(currency: str, allowed: list[str] | None) -> list[str]:
    """The payment method types that a buyer can choose from. All but cards need euros."""
    types = ["card", "sepa_debit", *AWAITED] if currency == "eur" else ["card"]
    return [each for each in types if allowed is None or each in allowed]
