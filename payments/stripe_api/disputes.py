"""Disputes: https://docs.stripe.com/api/disputes"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import stripe

from payments.stripe_api import client, reading
from payments.stripe_api.accounts import StripeAccount

# The shop keeps the money: https://docs.stripe.com/api/disputes/object#dispute_object-status
WON = ("won", "warning_closed")
LOST = "lost"
# The bank only asks and has taken no money yet; a full refund settles it:
# https://docs.stripe.com/disputes/how-disputes-work#inquiries
INQUIRY = ("warning_needs_response", "warning_under_review")


@dataclass(frozen=True)
class StripeDispute:
    """A payment that the buyer's bank disputes."""

    id: str
    intent_id: str
    status: str  # https://docs.stripe.com/api/disputes/object#dispute_object-status

    @property
    def is_won(self) -> bool:
        """Whether the shop keeps the money."""
        return self.status in WON

    @property
    def is_closed(self) -> bool:
        """Whether there is nothing to answer any more."""
        return self.is_won or self.status == LOST


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
