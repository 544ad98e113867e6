"""Compares Stripe's figures with ours before the buyer can pay: Stripe's are what is charged."""

from cart.models import Order, OrderTax
from payments.errors import AmountMismatch
from payments.models import Payment, PaymentState
from payments.stripe_api.checkout_sessions import CheckoutSession
from payments.stripe_api.payment_intents import PaymentIntent
from store.money import coin


def record(payment: Payment, created: CheckoutSession | PaymentIntent) -> bool:
    """Stores the id and the figures of the session or intent that was created for `payment`.

    An intent's amount must equal ours. A session's discount, taxes and total may differ by
    rounding, which Stripe does per line or on the sum, as the account is set
    (https://docs.stripe.com/tax/tax-rates); Stripe's are stored then. Raises
    AmountMismatch. Returns False, and stores nothing, if the attempt has ended meanwhile.
    """
    with payment.locked() as (order, payment):
        if payment.state != PaymentState.OPEN:
            return False  # the order may be a cart again, without frozen figures to compare with
        if isinstance(created, CheckoutSession):
            _record_session(order, payment, created)
        else:
            _compare_intent(payment, created)
        payment.stripe_id = created.id
        payment.save()
        return True


def _record_session(order: Order, payment: Payment, session: CheckoutSession) -> None:
    taxes = list(order.taxes.all())
    _compare_session(order, taxes, session)
    payment.expires_at, payment.amount = session.expires_at, session.amount
    for tax, amount in zip(taxes, session.tax_amounts, strict=True):
        if tax.amount != amount:
            tax.amount = amount
            tax.save(update_fields=["amount"])
    order.discount_amount, order.total_amount = session.amount_discount, session.amount
    order.save(update_fields=["discount_amount", "total_amount", "updated_at"])


def _compare_session(order: Order, taxes: list[OrderTax], session: CheckoutSession) -> None:
    """One coin per line and rate is rounding, more is not."""
    lines = order.lines.count() * coin(order.currency)
    tolerance = lines * (len(taxes) + bool(order.discount_amount))
    pairs = [
        (session.amount_subtotal, order.subtotal_amount, 0),
        (session.amount_discount, order.discount_amount, lines),
        *(
            (amount, tax.amount, lines)
            for amount, tax in zip(session.tax_amounts, taxes, strict=True)
        ),
        (session.amount, order.total_amount, tolerance),
    ]
    wrong = [pair for pair in pairs if abs(pair[0] - pair[1]) > pair[2]]
    if wrong or session.currency != order.currency:
        raise AmountMismatch(session.id, pairs)


def _compare_intent(payment: Payment, intent: PaymentIntent) -> None:
    theirs, ours = (intent.amount, intent.currency), (payment.amount, payment.currency)
    if theirs != ours:
        raise AmountMismatch(intent.id, (theirs, ours))
