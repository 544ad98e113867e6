"""What Checkout Sessions and Payment Intents have in common. Currencies are in capitals."""

from dataclasses import dataclass
from enum import Enum, auto


class Outcome(Enum):
    """The state of a payment at Stripe."""

    OPEN = auto()  # the buyer can still pay
    PROCESSING = auto()  # the buyer has confirmed a delayed payment, its money is on its way
    PAID = auto()
    FAILED = auto()  # a delayed payment method has failed
    ENDED = auto()  # expired or cancelled: it can't be paid any more


@dataclass(frozen=True)
class StripePayment:
    """The fields that a Checkout Session and a Payment Intent share."""

    id: str
    outcome: Outcome
    amount: int  # minor units
    currency: str
    email: str
    # The Payment Intent's id; for a session it is empty before the buyer has paid.
    intent_id: str
    refunded_amount: int  # minor units
    is_disputed: bool
