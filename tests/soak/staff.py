"""Staff, who ship some orders and refund some. Runs in `manage.py shell` of the shop."""

from contextlib import suppress
from random import Random
from uuid import UUID

from django.utils import timezone

from cart.models import TO_SHIP, Order
from cart.shipped import Tracking, mark_shipped
from payments.errors import PaymentError
from payments.models import Payment, PaymentState, RefundReason
from payments.refunds import request_refund
from payments.refunds.proposal import refundable
from payments.stripe_api.errors import StripeCallFailed


def work(seed: int) -> None:
    """Ship every third order, and refund every fifth payment in part, while calls fail."""
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    for order in Order.objects.filter(TO_SHIP).order_by("pk"):
        if random.random() < 0.3:
            tracking = Tracking(number=f"RR{order.pk}")
            mark_shipped(order.pk, tracking, notify=True, by="staff", at=timezone.now())
    for payment in Payment.objects.filter(state=PaymentState.SUCCEEDED).order_by("pk"):
        if random.random() < 0.2:
            _refund_pieces(payment, random)


def _refund_pieces(payment: Payment, random: Random) -> None:
    left = refundable(payment)
    pieces = {line: random.randint(1, quantity) for line, quantity in left.pieces.items()}
    shipping = bool(left.shipping_amount) and random.random() < 0.3
    key, restock = UUID(int=random.getrandbits(128)), random.random() < 0.8
    if not pieces:
        return
    for _press in range(2):
        with suppress(PaymentError, StripeCallFailed):
            request_refund(
                payment=payment,
                key=key,
                amount=left.proposal(pieces, shipping=shipping) if left.has_money else 0,
                reason=RefundReason.REQUESTED_BY_CUSTOMER,
                pieces=pieces,
                restock=restock,
                by="staff",
                at=timezone.now(),
                shipping=shipping,
            )
