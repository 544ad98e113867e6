from payments.models.dispute import Dispute
from payments.models.invoice import Invoice, InvoiceCounter, InvoiceKind
from payments.models.payment import (
    AWAITED,
    ENDED_BUT_PAYABLE,
    MAX_INSTRUCTIONS_URL_LENGTH,
    PAYMENT_STEPS,
    PENDING,
    UNPAID,
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
    "AWAITED",
    "ENDED_BUT_PAYABLE",
    "IN_FLIGHT",
    "MAX_INSTRUCTIONS_URL_LENGTH",
    "PAYMENT_STEPS",
    "PENDING",
    "REFUNDED_OR_PENDING",
    "REFUNDED_OR_REQUESTED",
    "UNPAID",
    "Dispute",
    "Invoice",
    "InvoiceCounter",
    "InvoiceKind",
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
