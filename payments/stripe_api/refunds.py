"""Refunds: https://docs.stripe.com/api/refunds"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import stripe

from payments.stripe_api import client, reading
from payments.stripe_api.accounts import StripeAccount

# Only for people to read, so a reason that is longer than the column is cut. Stripe's longest has
# 25 characters.
MAX_REASON_LENGTH = 30


@dataclass(frozen=True)
class StripeRefund:
    """A refund at Stripe, made by the shop or in Stripe's dashboard."""

    id: str
    intent_id: str
    amount: int  # minor units
    status: str  # https://docs.stripe.com/api/refunds/object#refund_object-status
    reason: str
    key: str  # of the shop's refund request; empty if it was made in the dashboard


def create(
    account: StripeAccount,
    *,
    idempotency_key: str,
    key: str,
    intent_id: str,
    amount: int,
    reason: str,
) -> StripeRefund:
    """Refund `amount` minor units of a payment, or return the refund created with this key.

    `key` is stored in the refund's metadata. Raises StripeRefused, StripeCallFailed.
    """
    with client.call():
        refund = stripe.Refund.create(
            payment_intent=intent_id,
            amount=amount,
            reason=reason,
            metadata={"refund": key},
            api_key=account.secret_key,
            idempotency_key=idempotency_key,
        )
    return _refund(refund)


def list(
    account: StripeAccount, *, intent_id: str = "", since: datetime | None = None
) -> Sequence[StripeRefund]:
    """List the refunds of one payment, or all created since then. Raises StripeCallFailed."""
    with client.call():
        refunds = stripe.Refund.list(
            payment_intent=intent_id or None,  # type: ignore[arg-type]  # the library drops None
            created={"gte": int(since.timestamp())} if since else None,  # type: ignore[arg-type]
            limit=client.PAGE_SIZE,
            api_key=account.secret_key,
        )
        return [_refund(refund) for refund in refunds.auto_paging_iter()]


def _refund(refund: stripe.Refund) -> StripeRefund:
    return StripeRefund(
        id=refund.id,
        intent_id=reading.id_at(refund, "payment_intent"),
        amount=reading.number(refund, "amount"),
        status=reading.text(refund, "status"),
        reason=reading.text(refund, "reason")[:MAX_REASON_LENGTH],
        key=_key(refund),
    )


def _key(refund: stripe.Refund) -> str:
    """The shop's key in the metadata; empty if another program wrote something else there."""
    try:
        return str(UUID(reading.text(refund, "metadata", "refund")))
    except ValueError:
        return ""
