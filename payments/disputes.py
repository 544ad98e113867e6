"""Disputes: stores in the order's history what Stripe reports of them."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cart.models import Order, OrderStep
from payments.alerts import call_staff
from payments.stripe_api import disputes as stripe_disputes
from payments.stripe_api.accounts import StripeAccount
from payments.stripe_api.disputes import StripeDispute
from payments.stripe_api.types import StripePayment


def fetch(account: StripeAccount, stripe_payment: StripePayment) -> Sequence[StripeDispute]:
    """The disputes of a payment at Stripe. Raises StripeCallFailed."""
    if not stripe_payment.is_disputed:
        return ()
    return stripe_disputes.list(account, intent_id=stripe_payment.intent_id)


def apply(order: Order, disputes: Sequence[StripeDispute], *, at: datetime) -> None:
    """Notes each new state of a dispute, and alerts staff unless it is won.

    Call it with the order's row locked; a second call changes nothing.
    """
    for dispute in disputes:
        if not order.history.filter(why=_note(dispute)).exists():
            order.note(_note(dispute), at=at)
            _alert(order, dispute, at)


def unseen_intents(account: StripeAccount, since: datetime) -> set[str]:
    """The intents with a dispute since then whose state is not stored. Raises StripeCallFailed."""
    disputes = stripe_disputes.list(account, since=since)
    noted = set(
        OrderStep.objects.filter(why__in=[_note(each) for each in disputes]).values_list(
            "why", flat=True
        )
    )
    return {each.intent_id for each in disputes if _note(each) not in noted}


def _note(dispute: StripeDispute) -> str:
    return f"dispute {dispute.id}: {dispute.status}"


def _alert(order: Order, dispute: StripeDispute, at: datetime) -> None:
    if dispute.status == "lost":
        message = _("Dispute {dispute} is lost: the bank took the money back. Don’t refund it.")
        call_staff(order, format_lazy(message, dispute=dispute.id), at=at)
    elif not dispute.is_won:
        message = _(
            "The buyer’s bank disputes this payment ({dispute}). Answer in Stripe’s dashboard,"
            " under Disputes; don’t refund it here."
        )
        call_staff(order, format_lazy(message, dispute=dispute.id), at=at)
