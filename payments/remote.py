"""What Stripe keeps of a payment, in our words: amounts in minor units, currencies in capitals."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto


class Outcome(Enum):
    """How a payment stands at Stripe."""

    OPEN = auto()  # the buyer can still pay
    PROCESSING = auto()  # the buyer is done, the money is on its way
    PAID = auto()
    FAILED = auto()  # a delayed payment method brought nothing
    ENDED = auto()  # expired or cancelled: nobody can pay it any more


@dataclass(frozen=True)
class CheckoutSession:
    """A Checkout Session as Stripe has it now."""

    id: str
    status: str  # open, complete, expired
    payment_status: str  # unpaid, paid, no_payment_required
    has_failed: bool  # a delayed payment method brought nothing
    url: str
    amount_subtotal: int
    amount_discount: int
    amount: int
    tax_amounts: dict[str, int]  # by the id of the tax rate
    currency: str
    expires_at: datetime
    email: str
    intent_id: str  # of its Payment Intent; empty before the buyer has paid
    refunded_amount: int
    is_disputed: bool

    @property
    def outcome(self) -> Outcome:
        if self.status == "open":
            return Outcome.OPEN
        if self.status == "expired":
            return Outcome.ENDED
        if self.payment_status != "unpaid":
            return Outcome.PAID
        return Outcome.FAILED if self.has_failed else Outcome.PROCESSING


# https://docs.stripe.com/payments/paymentintents/lifecycle; a payment that failed is open again.
INTENT_OUTCOMES = {
    "processing": Outcome.PROCESSING,
    "succeeded": Outcome.PAID,
    "canceled": Outcome.ENDED,
}


@dataclass(frozen=True)
class PaymentIntent:
    """A Payment Intent of our own as Stripe has it now; not the one inside a Checkout Session."""

    id: str
    status: str
    client_secret: str
    amount: int  # what arrived, once it is paid; before that, what is asked
    currency: str
    email: str
    refunded_amount: int
    is_disputed: bool

    @property
    def outcome(self) -> Outcome:
        return INTENT_OUTCOMES.get(self.status, Outcome.OPEN)

    @property
    def intent_id(self) -> str:
        return self.id


# Either way of paying: what settling needs to know of it is the same.
Remote = CheckoutSession | PaymentIntent


@dataclass(frozen=True)
class Event:
    """A verified webhook event: a reason to look at the object, not the truth about it."""

    id: str
    type: str
    livemode: bool
    object_id: str
    intent_id: str  # that a refund, a charge or a dispute belongs to


@dataclass(frozen=True)
class RemoteRefund:
    """A refund at Stripe, whoever asked for it."""

    id: str
    intent_id: str
    amount: int
    status: str  # pending, requires_action, succeeded, failed, canceled
    reason: str
    key: str  # of our own wish; empty where it was made in the dashboard


@dataclass(frozen=True)
class Dispute:
    """A payment that the buyer's bank wants back."""

    id: str
    intent_id: str
    status: str  # https://docs.stripe.com/api/disputes/object#dispute_object-status

    @property
    def is_won(self) -> bool:
        return self.status in ("won", "warning_closed")

    @property
    def note(self) -> str:
        """How it stands, for the order's history."""
        return f"dispute {self.id}: {self.status}"
