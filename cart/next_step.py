"""What the shop does next with a paid order, for its receipt and its mails."""

from enum import StrEnum

from cart.models import Order


class NextStep(StrEnum):
    SHIPPED = "shipped"
    REFUNDED = "refunded"
    CHECK = "check"  # staff must deal with an alert first
    SHIP = "ship"
    NOTHING = "nothing"  # nothing has to be sent


def next_step(order: Order) -> NextStep:
    """What the buyer of a paid order can expect. It promises nothing while an alert is open."""
    if order.shipped_at:
        return NextStep.SHIPPED
    if order.is_refunded:
        return NextStep.REFUNDED
    if order.alerts.filter(resolved_at=None).exists():
        return NextStep.CHECK
    return NextStep.SHIP if order.needs_shipping else NextStep.NOTHING
