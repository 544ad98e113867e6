"""Staff, who refund pieces of some orders. Runs in `manage.py shell` of the shop."""

from contextlib import suppress
from random import Random
from uuid import UUID

from django.utils import timezone

from payments.errors import PaymentError
from payments.models import Payment, PaymentState, RefundReason
from payments.refunds import request_refund
from payments.refunds.proposal import refundable
from payments.stripe_api.errors import StripeCallFailed


def refund_some(seed: int) -> None:
    """Refund some pieces of every fifth payment, while calls to Stripe fail."""
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    for payment in Payment.objects.filter(state=PaymentState.SUCCEEDED).order_by("pk"):
        if random.random() < 0.2:
            _refund_pieces(payment, random)


def _refund_pieces(payment: Payment, random: Random) -> None:
    left = refundable(payment)
    pieces = {line: random.randint(1, quantity) for line, quantity in left.pieces.items()}
    key, restock = UUID(int=random.getrandbits(128)), random.random() < 0.8
    if not pieces:
        return
    for _press in range(2):
        with suppress(PaymentError, StripeCallFailed):
            request_refund(
                payment=payment,
                key=key,
                amount=left.proposal(pieces) if left.has_money else 0,
                reason=RefundReason.REQUESTED_BY_CUSTOMER,
                pieces=pieces,
                restock=restock,
                by="staff",
                at=timezone.now(),
            )
