"""payments.alerts: what staff must look at."""

from django.utils import timezone

from payments.alerts import Alert, raise_alert
from payments.models import Payment
from tests.support.alerts import alert_messages, resolve_alerts_of


def test_is_raised_once_for_each_reason_and_reference(payment: Payment) -> None:
    order = payment.order
    for reference in ("pi_1", "pi_1", "pi_2"):
        raise_alert(order, Alert.PAID_TWICE, reference=reference, at=timezone.now(), payment="pi")
    assert alert_messages(order).count("Paid a second time, by pi.") == 2
    resolve_alerts_of(order)
    raise_alert(order, Alert.PAID_TWICE, reference="pi_1", at=timezone.now(), payment="pi")
    assert alert_messages(order) == ""
    assert str(order.alerts.first()).startswith("Paid a second time")
