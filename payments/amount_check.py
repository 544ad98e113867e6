"""Compare Stripe's figures with ours before the buyer can pay: Stripe charges its own figures."""

from datetime import timedelta

from django.utils import timezone

from cart.freezing import FrozenOrder
from payments.errors import AmountMismatch
from payments.methods.tax_lines import taxes_as_line_items, taxes_as_rates
from payments.models import Payment, PaymentState
from payments.stripe_api.checkout_sessions import CheckoutSession
from payments.stripe_api.payment_intents import PaymentIntent
from store.money import charge_step


def compare(
    frozen: FrozenOrder, payment: Payment, created: CheckoutSession | PaymentIntent
) -> None:
    """Raise AmountMismatch if the figures differ by more than rounding explains."""
    if isinstance(created, CheckoutSession):
        _compare_session(frozen, created)
    else:
        _compare_intent(payment, created)


def record(frozen: FrozenOrder, payment: Payment, created: CheckoutSession | PaymentIntent) -> bool:
    """Store the id and the figures of a session or intent on its attempt and its order.

    Call it with the order's row locked, after `compare`. Return False, and store nothing, if the
    attempt has ended or has another id.
    """
    payment.stripe_id, payment.amount = created.id, created.amount
    if isinstance(created, CheckoutSession):
        payment.expires_at = created.expires_at - timedelta(seconds=payment.clock_difference)
    waiting = Payment.objects.filter(
        pk=payment.pk, state=PaymentState.OPEN, stripe_id__in=["", created.id]
    )
    if not waiting.update(
        stripe_id=payment.stripe_id,
        amount=payment.amount,
        expires_at=payment.expires_at,
        updated_at=timezone.now(),
    ):
        return False
    if isinstance(created, CheckoutSession):
        frozen.take_figures(
            discount=created.amount_discount,
            taxes=_tax_amounts(frozen, created),
            total=created.amount,
        )
    return True


def _compare_session(frozen: FrozenOrder, session: CheckoutSession) -> None:
    """Compare each figure. Raises AmountMismatch.

    Stripe rounds each line or the sum, depending on the account's settings, so a difference of one
    charge step for each line, shipping included, and rate is rounding: https://docs.stripe.com/tax/tax-rates
    """
    order, taxes = frozen.order, frozen.taxes
    added = sum(tax.amount for tax in taxes_as_line_items(frozen))
    taxed_lines = len(frozen.lines) + order.has_shipping
    per_rate = taxed_lines * charge_step(order.currency)
    tolerance = per_rate * (len(taxes) + bool(order.discount_amount))
    figures = [  # Stripe's, ours, and the largest difference that is allowed
        (session.amount_subtotal, order.subtotal_amount + order.shipping_amount + added, 0),
        (session.amount_discount, order.discount_amount, per_rate),
        *(
            (theirs, tax.amount, per_rate)
            for theirs, tax in zip(_tax_amounts(frozen, session), taxes, strict=True)
        ),
        (session.amount, order.total_amount, tolerance),
    ]
    is_wrong = any(abs(theirs - ours) > allowed for theirs, ours, allowed in figures)
    if is_wrong or session.currency != order.currency:
        raise AmountMismatch(session.id, figures)


def _tax_amounts(frozen: FrozenOrder, session: CheckoutSession) -> list[int]:
    """For each tax of the order, Stripe's amount, or ours where Stripe doesn't calculate it."""
    as_rates = taxes_as_rates(frozen)
    theirs = dict(zip((tax.pk for tax in as_rates), session.tax_amounts, strict=True))
    return [theirs.get(tax.pk, tax.amount) for tax in frozen.taxes]


def _compare_intent(payment: Payment, intent: PaymentIntent) -> None:
    """Compare the only figure of an intent, which has the amount that we sent."""
    theirs, ours = (intent.amount, intent.currency), (payment.amount, payment.currency)
    if theirs != ours:
        raise AmountMismatch(intent.id, (theirs, ours))
