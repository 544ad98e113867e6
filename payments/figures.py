"""Stripe's figures are what the buyer is charged: compared with ours before the buyer can pay."""

from django.db import transaction
from django.db.models import QuerySet

from cart.models import Order
from payments.models import Payment, PaymentState
from payments.stripe_api.checkout_sessions import CheckoutSession
from payments.stripe_api.errors import StripeCallFailed
from payments.stripe_api.payment_intents import PaymentIntent
from store.money import coin


class AmountMismatch(StripeCallFailed):
    """Stripe would charge another amount than the order says, by more than rounding explains."""

    def __init__(self, stripe_id: str, figures: object) -> None:
        super().__init__(f"Stripe's figures of {stripe_id} and ours: {figures}")
        self.stripe_id = stripe_id


@transaction.atomic
def adopt_session(
    *, order: Order, payment: Payment, session: CheckoutSession, rate_ids: list[str]
) -> None:
    """Takes Stripe's discount, taxes and total onto the frozen order, and the session's id.

    Stripe rounds per line or on the sum, as the account is set: one coin per line and rate is
    rounding, more is not. An attempt that was ended meanwhile is left as it is.
    Raises AmountMismatch.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    if not _still_open(payment).exists():
        return  # the order may be a cart again, with nothing frozen to compare
    taxes = list(order.taxes.all())
    lines = order.lines.count() * coin(order.currency)
    tolerance = lines * (len(taxes) + bool(order.discount_amount))
    charged = [session.tax_amounts.get(rate_id, 0) for rate_id in rate_ids]
    pairs = [
        (session.amount_subtotal, order.subtotal_amount, 0),
        (session.amount_discount, order.discount_amount, lines),
        *((theirs, tax.amount, lines) for theirs, tax in zip(charged, taxes, strict=True)),
        (session.amount, order.total_amount, tolerance),
    ]
    wrong = [pair for pair in pairs if abs(pair[0] - pair[1]) > pair[2]]
    if wrong or session.currency != order.currency:
        raise AmountMismatch(session.id, pairs)
    _still_open(payment).update(
        stripe_id=session.id, expires_at=session.expires_at, amount=session.amount
    )
    for tax, amount in zip(taxes, charged, strict=True):
        if tax.amount != amount:
            tax.amount = amount
            tax.save(update_fields=["amount"])
    order.discount_amount, order.total_amount = session.amount_discount, session.amount
    order.save(update_fields=["discount_amount", "total_amount", "updated_at"])


def adopt_intent(*, payment: Payment, intent: PaymentIntent) -> None:
    """Takes the intent's id; its amount is our own total, to the last unit. Raises AmountMismatch.

    An attempt that was ended meanwhile is left as it is.
    """
    theirs, ours = (intent.amount, intent.currency), (payment.amount, payment.currency)
    if theirs != ours:
        raise AmountMismatch(intent.id, (theirs, ours))
    _still_open(payment).update(stripe_id=intent.id)


def _still_open(payment: Payment) -> QuerySet[Payment]:
    return Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN)
