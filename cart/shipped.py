"""Staff say that a paid order was shipped, correct that, or take it back.

Each function locks the order's row, so of two members of staff only one marks it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cart.models import Cause, HistoryKind, Order
from cart.signals import order_shipped, order_shipped_in_transaction, send_both


@dataclass(frozen=True)
class Tracking:
    """How the buyer follows the parcel; both may be empty."""

    number: str = ""
    url: str = ""

    def as_fields(self) -> dict[str, str]:
        return {"tracking_number": self.number, "tracking_url": self.url}


class CannotBeShipped(Exception):
    """The order isn't paid, was refunded in full, or nothing of it has to be sent."""


class ShippedAlready(Exception):
    """`by` marked the order as shipped `at` that time."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(by, at)
        self.by, self.at = by, at


class NotShipped(Exception):
    """The order isn't marked as shipped, or not any more."""


def mark_shipped(order_id: int, tracking: Tracking, *, notify: bool, by: str, at: datetime) -> None:
    """Mark a paid order as shipped by the user `by`. With `notify`, the buyer gets a mail.

    Raises CannotBeShipped and ShippedAlready.
    """
    with transaction.atomic():
        order = Order.objects.locked(order_id)
        if order.shipped_at:
            marked = order.history.filter(kind=HistoryKind.SHIPPED).last()
            raise ShippedAlready(marked.reference if marked else "", order.shipped_at)
        if not order.is_to_ship:
            raise CannotBeShipped(order.number)
        _update(order, HistoryKind.SHIPPED, by, at, shipped_at=at, **tracking.as_fields())
        _send(order, notify, at)


def change_tracking(
    order_id: int, tracking: Tracking, *, notify: bool, by: str, at: datetime
) -> None:
    """Correct how a shipped order is followed. With `notify`, the buyer gets another mail.

    Raises NotShipped.
    """
    with transaction.atomic():
        order = _shipped(order_id)
        if tracking != Tracking(order.tracking_number, order.tracking_url):
            _update(order, HistoryKind.TRACKING, by, at, **tracking.as_fields())
            if notify:
                _send(order, notify, at)


def mark_not_shipped(order_id: int, *, by: str, at: datetime) -> None:
    """Take back that an order was shipped, with its tracking. Raises NotShipped."""
    with transaction.atomic():
        order = _shipped(order_id)
        _update(order, HistoryKind.NOT_SHIPPED, by, at, shipped_at=None, **Tracking().as_fields())


def _shipped(order_id: int) -> Order:
    order = Order.objects.locked(order_id)
    if not order.shipped_at:
        raise NotShipped(order.number)
    return order


def _send(order: Order, notify: bool, at: datetime) -> None:
    send_both(order_shipped_in_transaction, order_shipped, order=order, notify=notify, at=at)


def _update(
    order: Order, kind: HistoryKind, by: str, at: datetime, **changes: datetime | str | None
) -> None:
    for name, value in changes.items():
        setattr(order, name, value)
    order.save(update_fields=[*changes, "updated_at"])
    order.note(Cause(kind, by), at=at)
