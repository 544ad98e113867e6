"""Money that is on its way: the order waits, and knows how and until when the buyer can pay."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from cart.holds import restock
from cart.models import Cause, Order, State
from payments.models import MAX_INSTRUCTIONS_URL_LENGTH, Payment, PaymentState
from payments.money_received import take_out_of_copy
from payments.stripe_api.types import StripePayment


def wait_for_money(
    order: Order, payment: Payment, found: StripePayment, at: datetime, cause: Cause
) -> None:
    """Keep the order of a buyer who has confirmed a delayed payment: its money arrives days later.

    https://docs.stripe.com/payments/payment-methods#payment-notification
    """
    changes = _changed_instructions(payment, found, at)
    if payment.state == PaymentState.OPEN and order.state == State.CHECKOUT:
        returns_stock = bool(found.instructions) and not settings.VOUCHERS_HOLD_STOCK
        changes["returned_stock"] = returns_stock
        payment.step(PaymentState.PROCESSING, at=at, cause=cause, **changes)
        order.step(State.PROCESSING, at=at, cause=cause)
        take_out_of_copy(order, at)
        if returns_stock:
            restock(order)
    elif payment.state == PaymentState.PROCESSING and changes:
        Payment.objects.filter(pk=payment.pk).update(updated_at=at, **changes)


def _changed_instructions(payment: Payment, found: StripePayment, at: datetime) -> dict[str, Any]:
    """The fields that say how and until when to pay a voucher or transfer, if they have changed.

    A bank transfer has no end at Stripe: its time begins with its instructions.
    """
    instructions = found.instructions
    url = instructions.url if instructions else ""
    if len(url) > MAX_INSTRUCTIONS_URL_LENGTH:
        url = ""  # no part of an address would open the page
    fields: dict[str, Any] = {"awaits_buyer": bool(instructions), "instructions_url": url}
    if instructions and instructions.expires_at:
        fields["expires_at"] = instructions.expires_at
    changes = {name: value for name, value in fields.items() if value != getattr(payment, name)}
    if changes and instructions and not instructions.expires_at:
        changes["expires_at"] = at + timedelta(days=settings.TRANSFER_DAYS)
    return changes
