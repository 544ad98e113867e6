from django.utils import timezone

from cart.models import Order


def alert_messages(order: Order) -> str:
    """What staff still have to look at, a line for each alert."""
    return "\n".join(alert.message for alert in order.alerts.filter(resolved_at=None))


def add_alert(order: Order, message: str) -> None:
    """An alert like those that settling raises."""
    order.alerts.create(
        reason="paid_twice", reference=message, message=message, raised_at=timezone.now()
    )


def resolve_alerts_of(order: Order) -> None:
    """As if staff had dealt with them."""
    order.alerts.update(resolved_at=timezone.now(), resolved_by="staff")
