"""What Checkout Sessions and Payment Intents have in common. Currencies are in capitals."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto


class Outcome(Enum):
    """The state of a payment at Stripe."""

    OPEN = auto()  # the buyer can still pay
    # The buyer has confirmed a delayed payment: its money is on its way, or the buyer has to pay
    # a voucher or a bank transfer.
    PROCESSING = auto()
    PAID = auto()
    FAILED = auto()  # a delayed payment method has failed
    ENDED = auto()  # expired or cancelled: it can't be paid any more


@dataclass(frozen=True)
class Instructions:
    """How the buyer pays a voucher or a bank transfer."""

    url: str  # Stripe's page about it; empty if there is none
    expires_at: datetime | None  # None if it has no end, like a bank transfer


@dataclass(frozen=True)
class Recipient:
    """To whom and where an order is sent. What the buyer didn't enter is empty."""

    name: str
    phone: str
    line1: str
    line2: str
    postal_code: str
    city: str
    state: str
    country: str


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
    instructions: Instructions | None = field(default=None, kw_only=True)
    # Whether the buyer's bank is asking the buyer to confirm the payment (3-D Secure).
    is_authenticating: bool = field(default=False, kw_only=True)
    buyer_name: str = field(default="", kw_only=True)
    recipient: Recipient | None = field(default=None, kw_only=True)  # None without an address
