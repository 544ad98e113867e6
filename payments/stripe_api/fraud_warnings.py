"""Early fraud warnings: https://docs.stripe.com/api/radar/early_fraud_warnings"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import stripe

from payments.stripe_api import client, reading
from payments.stripe_api.accounts import StripeAccount


@dataclass(frozen=True)
class FraudWarning:
    """A card network's warning that a payment may be fraud."""

    id: str
    intent_id: str


def list(account: StripeAccount, *, since: datetime) -> Sequence[FraudWarning]:
    """List the warnings created since then. Raises PermissionMissing, StripeCallFailed."""
    with client.call():
        warnings = stripe.radar.EarlyFraudWarning.list(
            created={"gte": int(since.timestamp())},
            limit=client.PAGE_SIZE,
            api_key=account.secret_key,
        )
        return [
            FraudWarning(warning.id, reading.id_at(warning, "payment_intent"))
            for warning in warnings.auto_paging_iter()
        ]
