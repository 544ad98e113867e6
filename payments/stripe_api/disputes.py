"""Disputes: https://docs.stripe.com/api/disputes"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import stripe

from payments.stripe_api import client, reading
from payments.stripe_api.accounts import StripeAccount

# Statuses: https://docs.stripe.com/api/disputes/object#dispute_object-status
# The shop keeps the money.
WON = ("won", "warning_closed")
# The bank has taken the money; an appeal may bring it back.
LOST = ("lost", "appeal_needs_response", "appeal_under_review")
# The bank only asks and has taken no money yet; a full refund settles it:
# https://docs.stripe.com/disputes/how-disputes-work#inquiries
INQUIRY = ("warning_needs_response", "warning_under_review")
# Stripe ended it before the bank opened it, perhaps by paying the buyer back:
# https://docs.stripe.com/changelog/basil/2025-08-27/add-preventions-to-dispute
PREVENTED = "prevented"


@dataclass(frozen=True)
class StripeDispute:
    """A payment that the buyer's bank disputes."""

    id: str
    intent_id: str
    status: str


def list(
    account: StripeAccount, *, intent_id: str = "", since: datetime | None = None
) -> Sequence[StripeDispute]:
    """List the disputes of one payment, or all created since then. Raises StripeCallFailed."""
    with client.call():
        disputes = stripe.Dispute.list(
            payment_intent=intent_id or None,  # type: ignore[arg-type]  # the library drops None
            created={"gte": int(since.timestamp())} if since else None,  # type: ignore[arg-type]
            limit=client.PAGE_SIZE,
            api_key=account.secret_key,
        )
        return [
            StripeDispute(
                id=dispute.id,
                intent_id=reading.id_at(dispute, "payment_intent"),
                status=reading.text(dispute, "status"),
            )
            for dispute in disputes.auto_paging_iter()
        ]
