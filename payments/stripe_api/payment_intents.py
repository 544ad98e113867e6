"""Payment Intents: https://docs.stripe.com/api/payment_intents"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe

from payments.stripe_api import client, reading
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.errors import StripeRefused
from payments.stripe_api.types import Instructions, Outcome, StripePayment

logger = logging.getLogger(__name__)

# https://docs.stripe.com/payments/paymentintents/lifecycle: any other status means that the buyer
# can still pay, also after a payment has failed.
OUTCOMES = {
    "processing": Outcome.PROCESSING,
    "succeeded": Outcome.PAID,
    "canceled": Outcome.ENDED,
}
# Besides those that end in `_display_details`: https://docs.stripe.com/api/payment_intents/object
ACTIONS_OF_DAYS = ("display_bank_transfer_instructions", "verify_with_microdeposits")
INSTRUCTION_URLS = ("hosted_voucher_url", "hosted_instructions_url", "hosted_verification_url")


@dataclass(frozen=True)
class PaymentIntent(StripePayment):
    """A Payment Intent that the shop created; not the one inside a Checkout Session.

    `amount` is the amount received if the intent is paid, else the amount to pay.
    """

    client_secret: str


def create(
    account: StripeAccount,
    *,
    idempotency_key: str,
    amount: int,
    currency: str,
    description: str,
    reference: str,
    request_id: str,
) -> PaymentIntent:
    """Create an intent over `amount` minor units, or return the one created with this key.

    `reference` and `request_id` become metadata; buyers read `description` in Stripe's receipt.
    Raises AmountTooSmall, StripeCallFailed.
    """
    with client.call():
        intent = stripe.PaymentIntent.create(
            amount=amount,
            currency=currency.lower(),
            description=description,
            automatic_payment_methods={"enabled": True},
            metadata=client.metadata(reference, request_id),
            api_key=account.secret_key,
            idempotency_key=idempotency_key,
        )
    return _intent(intent)


def retrieve(account: StripeAccount, intent_id: str) -> PaymentIntent:
    """Return the intent as it is now. Raises NotFoundAtStripe, StripeCallFailed."""
    with client.call():
        intent = stripe.PaymentIntent.retrieve(
            intent_id, expand=["latest_charge"], api_key=account.secret_key
        )
    return _intent(intent)


def cancel(account: StripeAccount, intent_id: str) -> None:
    """Cancel an intent, also one whose voucher or bank transfer isn't paid yet.

    An intent that has ended, or whose money is on its way, stays as it is.

    Raises NotFoundAtStripe, StripeCallFailed.
    """
    try:
        with client.call():
            stripe.PaymentIntent.cancel(intent_id, api_key=account.secret_key)
    except StripeRefused:
        if retrieve(account, intent_id).outcome is Outcome.OPEN:
            raise
        logger.info("intent %s could not be cancelled any more", intent_id)


def charge_of(intent: str | stripe.PaymentIntent | None) -> stripe.Charge | None:
    """The latest charge, if Stripe's answer contains it: what was refunded or disputed of it."""
    charge = reading.value(intent, "latest_charge")
    return charge if isinstance(charge, stripe.Charge) else None


def instructions_of(intent: str | stripe.PaymentIntent | None) -> Instructions | None:
    """How to do what the buyer of an intent has days for, if it waits for that.

    That is to pay a voucher or a bank transfer, or to confirm a bank account by small deposits.
    Such an intent stays in `requires_action`. https://docs.stripe.com/payments/vouchers,
    https://docs.stripe.com/payments/bank-transfers,
    https://docs.stripe.com/payments/ach-direct-debit
    """
    if reading.text(intent, "status") != "requires_action":
        return None
    kind = reading.text(intent, "next_action", "type")
    if not kind.endswith("_display_details") and kind not in ACTIONS_OF_DAYS:
        return None
    shown = reading.value(intent, "next_action", kind)
    url = next(filter(None, (reading.text(shown, name) for name in INSTRUCTION_URLS)), "")
    # OXXO has `expires_after` instead.
    end = reading.number(shown, "expires_at") or reading.number(shown, "expires_after")
    return Instructions(url, datetime.fromtimestamp(end, UTC) if end else None)


def _intent(intent: stripe.PaymentIntent) -> PaymentIntent:
    charge = charge_of(intent)
    status = reading.text(intent, "status")
    billing_email = reading.text(charge, "billing_details", "email")
    recipient = reading.recipient(intent, "shipping")
    billing_name = reading.text(charge, "billing_details", "name")
    instructions = instructions_of(intent)
    outcome = OUTCOMES.get(status, Outcome.OPEN)
    return PaymentIntent(
        id=intent.id,
        outcome=Outcome.PROCESSING if instructions else outcome,
        amount=reading.number(intent, "amount_received" if status == "succeeded" else "amount"),
        currency=reading.text(intent, "currency").upper(),
        email=reading.text(intent, "receipt_email") or billing_email,
        intent_id=intent.id,
        refunded_amount=reading.number(charge, "amount_refunded"),
        is_disputed=bool(reading.value(charge, "disputed")),
        instructions=instructions,
        is_authenticating=status == "requires_action" and not instructions,
        buyer_name=billing_name or (recipient.name if recipient else ""),
        recipient=recipient,
        client_secret=reading.text(intent, "client_secret"),
    )
