"""PaymentIntents and their states (docs.stripe.com/payments/paymentintents/lifecycle)."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.http.validation import Params
from stripe_sandbox.resources.addresses import shipping_json
from stripe_sandbox.resources.payment_intents.payment_methods import Instrument

UNPAID = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = ("requires_payment_method", "requires_capture", *UNPAID[1:])


@dataclass
class PaymentIntent:
    """`body` is the JSON, with the state; the other fields are what Stripe doesn't show."""

    account: str
    body: dict[str, Any]
    session: str | None = None  # id of the Checkout Session that created it
    instrument: Instrument | None = None
    email: str | None = None
    return_url: str | None = None
    processing_since: int | None = None  # timestamp
    has_shipping_of_server: bool = False  # set with a secret key, so that browsers can't change it

    @property
    def id(self) -> str:
        return str(self.body["id"])

    @property
    def status(self) -> str:
        return str(self.body["status"])

    @property
    def amount(self) -> int:
        """In minor units."""
        return int(self.body["amount"])

    @property
    def currency(self) -> str:
        return str(self.body["currency"])

    @property
    def client_secret(self) -> str:
        return str(self.body["client_secret"])

    @property
    def error_message(self) -> str | None:
        error = self.body["last_payment_error"]
        return None if error is None else str(error["message"])

    def as_json(self) -> dict[str, Any]:
        """A copy, so that later changes don't change earlier answers and events."""
        return deepcopy(self.body)

    def ship_to(self, sent: Params, *, is_public: bool = False) -> None:
        """Set or, with an empty parameter, unset `shipping`. `is_public`: with a publishable key.

        Raises `StripeError` if a browser changes what a server has set.
        """
        if is_public and self.has_shipping_of_server:
            raise StripeError(
                "The shipping information on this PaymentIntent was last set with a secret key and "
                "therefore cannot be changed with a publishable key. Please use your secret key "
                "instead.",
                param="shipping",
            )
        self.body["shipping"] = shipping_json(sent)
        self.has_shipping_of_server = bool(sent) and not is_public

    def attach(self, method: dict[str, Any], instrument: Instrument) -> None:
        self.instrument = instrument
        self.email = method["billing_details"]["email"]
        self._set_status("requires_confirmation", payment_method=method["id"])

    @property
    def is_awaited(self) -> bool:
        """Whether it waits for the buyer to pay a voucher or a bank transfer."""
        is_awaited = self.instrument is not None and self.instrument.is_awaited
        return self.status == "requires_action" and is_awaited

    @property
    def needs_authentication(self) -> bool:
        return self.status == "requires_action" and not self.is_awaited

    def ask_for_authentication(self, url: str) -> None:
        redirect = {"return_url": self.return_url, "url": url}
        action = {"redirect_to_url": redirect, "type": "redirect_to_url"}
        self._set_status("requires_action", next_action=action)

    def ask_for_money(self, action: dict[str, Any]) -> None:
        """Tell the buyer how to pay a voucher or a bank transfer."""
        self._set_status("requires_action", next_action=action)

    def ask_for_confirmation(self) -> None:
        self._set_status("requires_confirmation")

    def process(self, *, charge: str, now: int) -> None:
        self.processing_since = now
        self._set_status("processing", latest_charge=charge)

    def succeed(self, *, charge: str) -> None:
        self._set_status("succeeded", latest_charge=charge, amount_received=self.amount)

    def fail(self, error: dict[str, Any], *, charge: str | None) -> None:
        """The buyer may try again, with the same or another payment method."""
        self.instrument = None
        self._set_status("requires_payment_method", payment_method=None, latest_charge=charge)
        self.body["last_payment_error"] = error

    def cancel(self, reason: str | None, *, now: int) -> None:
        self._set_status("canceled", cancellation_reason=reason, canceled_at=now)

    def _set_status(self, status: str, **changes: Any) -> None:
        self.body |= {"status": status, "next_action": None, "last_payment_error": None} | changes

    def refuse_if_created_by_checkout(self) -> None:
        """Raises `StripeError` if the intent belongs to a Checkout Session."""
        if self.session is not None:
            raise StripeError(
                "You cannot perform this action on PaymentIntents created by Checkout. Expire the "
                "Checkout Session instead.",
                code="payment_intent_unexpected_state",
                extra={"payment_intent": self.as_json()},
            )

    def unexpected_state(self, verb: str, past: str, allowed: Iterable[str]) -> StripeError:
        """The error for an action that the status doesn't allow."""
        return StripeError(
            f"You cannot {verb} this PaymentIntent because it has a status of {self.status}. Only "
            f"a PaymentIntent with one of the following statuses may be {past}: "
            f"{', '.join(allowed)}.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": self.as_json()},
        )
