"""What became of money after it arrived: refunds and disputes, as Stripe has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cart.holds import put_back, release
from cart.models import HELD, Order, OrderStep, State
from payments.attention import call_staff
from payments.models import PENDING, Payment, PaymentState, Refund, RefundState
from payments.stripe_api import disputes as stripe_disputes
from payments.stripe_api import refunds as stripe_refunds
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.disputes import StripeDispute
from payments.stripe_api.refunds import StripeRefund
from payments.stripe_api.types import StripePayment

# What Stripe calls a refund's state, in ours; a new word of theirs is one that waits.
STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELED,
}
BACK_OR_ON_ITS_WAY = [RefundState.PENDING, RefundState.SUCCEEDED]
ENDED = [RefundState.FAILED, RefundState.CANCELED]


@dataclass(frozen=True)
class Aftermath:
    refunds: Sequence[StripeRefund] = ()
    disputes: Sequence[StripeDispute] = ()


def look(account: StripeAccount, payment: Payment, remote: StripePayment) -> Aftermath:
    """Asks Stripe, where there is something to ask for. Raises StripeCallFailed.

    Who looks at a payment whose money has arrived was told of something that happened to it since:
    it can be a refund that has failed already, of which the charge shows nothing.
    """
    if not remote.intent_id:  # it cost nothing, and nothing can go back
        return Aftermath()
    was_refunded = remote.refunded_amount or payment.state == PaymentState.SUCCEEDED
    return Aftermath(
        refunds=stripe_refunds.list(account, intent_id=remote.intent_id) if was_refunded else (),
        disputes=stripe_disputes.list(account, intent_id=remote.intent_id)
        if remote.is_disputed
        else (),
    )


def mirror(order: Order, payment: Payment, aftermath: Aftermath, *, at: datetime) -> None:
    """Makes our rows what Stripe says. Call it with both rows locked; twice changes nothing."""
    for refund in aftermath.refunds:
        _mirror_refund(order, payment, refund, at)
    if aftermath.refunds:
        _count_refunds(order, payment, at)
    for dispute in aftermath.disputes:
        _mirror_dispute(order, dispute, at)


def _mirror_refund(order: Order, payment: Payment, theirs: StripeRefund, at: datetime) -> None:
    ours = payment.refunds.filter(stripe_id=theirs.id).first()
    if ours is None and theirs.key:
        ours = payment.refunds.filter(key=theirs.key, stripe_id="").first()
    if ours is None:
        ours = Refund(payment=payment)
    if ours.stripe_id and ours.state in ENDED:
        return  # what came back from the bank stays so, however old the list is that is looked at
    before = (ours.stripe_id, ours.state, ours.amount)
    ours.stripe_id, ours.amount, ours.reason = theirs.id, theirs.amount, theirs.reason
    ours.state = _state(theirs)
    if before == (ours.stripe_id, ours.state, ours.amount):
        return
    if ours.puts_back and ours.state in BACK_OR_ON_ITS_WAY:
        put_back(order)
    ours.save()
    order.note(f"refund {ours} of {ours.written_amount}: {ours.state}", at=at)
    if ours.state == RefundState.FAILED:
        sentence = _(
            "Refund {refund} of {amount} failed at the bank: pay the buyer back in another way."
        )
        names = {"refund": theirs.id, "amount": ours.written_amount}
        call_staff(order, format_lazy(sentence, **names), at=at)


def _state(theirs: StripeRefund) -> RefundState:
    return STATES.get(theirs.status, RefundState.PENDING)


def _count_refunds(order: Order, payment: Payment, at: datetime) -> None:
    payment.refunded_amount = _sum(payment.refunds.filter(state__in=BACK_OR_ON_ITS_WAY), "amount")
    payment.save()
    paid = order.payments.filter(state=PaymentState.SUCCEEDED, currency=order.currency)
    is_being_paid = order.payments.filter(state__in=PENDING).exists()
    if order.state == State.PAID:
        # Money that came twice goes back first: then the order still stands as it was paid.
        kept = _sum(paid, "amount") - _sum(paid, "refunded_amount")
        order.refunded_amount = min(max(order.total_amount - kept, 0), order.total_amount)
        order.save(update_fields=["refunded_amount"])
    elif order.state in HELD and payment.refunded_amount >= payment.amount and not is_being_paid:
        release(order, at=at, why=f"{payment} was refunded")


def _sum(rows: QuerySet, field: str) -> int:
    return int(rows.aggregate(sum=Sum(field))["sum"] or 0)


def _note(dispute: StripeDispute) -> str:
    """How it stands, for the order's history."""
    return f"dispute {dispute.id}: {dispute.status}"


def _mirror_dispute(order: Order, dispute: StripeDispute, at: datetime) -> None:
    if order.history.filter(why=_note(dispute)).exists():
        return
    order.note(_note(dispute), at=at)
    if dispute.status == "lost":
        sentence = _("Dispute {dispute} is lost: the bank took the money back. Don’t refund it.")
        call_staff(order, format_lazy(sentence, dispute=dispute.id), at=at)
    elif not dispute.is_won:
        sentence = _(
            "The buyer’s bank disputes this payment ({dispute}). Answer in Stripe’s dashboard,"
            " under Disputes; don’t refund it here."
        )
        call_staff(order, format_lazy(sentence, dispute=dispute.id), at=at)


def unseen_intents(account: StripeAccount, since: datetime) -> set[str]:
    """The intents with a refund or dispute since then that no event told of.

    Raises StripeCallFailed.
    """
    refunds = stripe_refunds.list(account, since=since)
    disputes = stripe_disputes.list(account, since=since)
    seen = set(
        Refund.objects.filter(stripe_id__in=[r.id for r in refunds]).values_list(
            "stripe_id", "state"
        )
    )
    noted = set(
        OrderStep.objects.filter(why__in=[_note(d) for d in disputes]).values_list("why", flat=True)
    )
    return {r.intent_id for r in refunds if (r.id, _state(r)) not in seen} | {
        d.intent_id for d in disputes if _note(d) not in noted
    }
