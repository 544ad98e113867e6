from payments.models.dispute import Dispute
from payments.models.payment import (
    PAYMENT_STEPS,
    PENDING,
    Kind,
    Payment,
    PaymentState,
    PaymentStep,
)
from payments.models.received_event import ReceivedEvent
from payments.models.refund import (
    IN_FLIGHT,
    REFUNDED_OR_PENDING,
    REFUNDED_OR_REQUESTED,
    Refund,
    RefundLine,
    RefundReason,
    RefundState,
)
from payments.models.stripe_object_id import StripeObjectId

__all__ = [
    "IN_FLIGHT",
    "PAYMENT_STEPS",
    "PENDING",
    "REFUNDED_OR_PENDING",
    "REFUNDED_OR_REQUESTED",
    "Dispute",
    "Kind",
    "Payment",
    "PaymentState",
    "PaymentStep",
    "ReceivedEvent",
    "Refund",
    "RefundLine",
    "RefundReason",
    "RefundState",
    "StripeObjectId",
]
