from payments.models.payment import (
    PAYMENT_STEPS,
    PENDING,
    Kind,
    Payment,
    PaymentState,
    PaymentStep,
)
from payments.models.refund import GIVEN_BACK, IN_FLIGHT, Refund, RefundReason, RefundState
from payments.models.stripe import StripeEvent, StripeObject

__all__ = [
    "GIVEN_BACK",
    "IN_FLIGHT",
    "PAYMENT_STEPS",
    "PENDING",
    "Kind",
    "Payment",
    "PaymentState",
    "PaymentStep",
    "Refund",
    "RefundReason",
    "RefundState",
    "StripeEvent",
    "StripeObject",
]
