from typing import Any

from django.utils import timezone

from cart.models import Order
from payments.attempts import end_attempts
from payments.stripe_api.client import deadline


def end_old_session(*, order: Order, **_signal: Any) -> None:
    """The buyer went on editing: what they left at Stripe must not be paid by mistake."""
    with deadline():
        end_attempts(order=order, at=timezone.now())
