"""A mail that couldn't be sent in time isn't sent if it isn't true any more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cart.models import Order
from cart.shipped import Tracking, mark_not_shipped, mark_shipped
from notifications.models import Mail, MailReason
from payments.alerts import Alert, raise_alert, resolve_alert
from payments.models import Payment, Refund
from tests.support.mails import paid_order, send_all
from tests.support.smtp import MailServer


def waiting(order: Order, reason: MailReason, reference: str = "") -> Mail:
    values = {"order": order, "reason": reason, "reference": reference}
    return Mail.objects.create(to="buyer@mail.example", **values)


@pytest.mark.parametrize(
    ("reason", "state", "outcome"),
    [
        ("payment_processing", "processing", "sent"),
        ("payment_processing", "paid", "dropped"),
        ("payment_processing", "cart", "dropped"),
        ("payment_failed", "cart", "sent"),
        ("payment_failed", "cancelled", "sent"),
        ("payment_failed", "paid", "dropped"),
        ("order_confirmed", "paid", "sent"),
    ],
)
def test_the_state_of_the_order_decides(
    item: Any, smtp: MailServer, reason: str, state: str, outcome: str
) -> None:
    order = paid_order(item)
    mail = waiting(order, MailReason(reason))
    paid_at = order.paid_at if state == "paid" else None
    Order.objects.update(state=state, paid_at=paid_at)
    assert send_all() == [outcome]
    assert len(smtp.received) == (outcome == "sent")
    mail.refresh_from_db()
    assert (mail.sent_at is not None) == (outcome == "sent")


@pytest.mark.parametrize(("state", "outcome"), [("succeeded", "sent"), ("failed", "dropped")])
def test_a_refund_that_failed(item: Any, smtp: MailServer, state: str, outcome: str) -> None:
    order = paid_order(item)
    payment = Payment.objects.create(
        order=order, kind="intent", account="default", livemode=False, attempt=1, currency="USD",
        amount=3998, state="succeeded", expires_at=timezone.now(),
    )  # fmt: skip
    Refund.objects.create(payment=payment, stripe_id="re_1", amount=500, state=state)
    waiting(order, MailReason.REFUNDED, "re_1")
    assert send_all() == [outcome]


def test_an_alert_that_staff_have_dealt_with(item: Any, smtp: MailServer) -> None:
    order, at = paid_order(item), timezone.now()
    for reference in ("pi_1", "pi_2"):
        raise_alert(order, Alert.PAID_TWICE, reference=reference, at=at, payment=reference)
    resolve_alert(order, Alert.PAID_TWICE, reference="pi_1", at=at)
    assert send_all() == ["dropped", "sent"]


@pytest.mark.parametrize(("stock", "outcome"), [(3, "sent"), (4, "dropped"), (None, "dropped")])
def test_stock_that_has_arrived(
    make_item: Any, smtp: MailServer, stock: int | None, outcome: str
) -> None:
    Mail.objects.create(item=make_item(stock=stock), reason=MailReason.LOW_STOCK)
    assert send_all() == [outcome]


def test_an_order_that_is_not_shipped_any_more(item: Any, smtp: MailServer) -> None:
    order = paid_order(item, needs_shipping=True)
    by, at = "anna", timezone.now()
    mark_shipped(order.pk, Tracking("WRONG"), notify=True, by=by, at=at)
    mark_not_shipped(order.pk, by=by, at=at)
    mark_shipped(order.pk, Tracking("RIGHT"), notify=True, by=by, at=at + timedelta(seconds=1))
    assert sorted(send_all()) == ["dropped", "sent"]
    [mail] = smtp.received
    assert "RIGHT" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    mark_not_shipped(order.pk, by=by, at=at)
    mark_shipped(order.pk, Tracking(), notify=True, by=by, at=at + timedelta(seconds=2))
    mark_not_shipped(order.pk, by=by, at=at)
    assert send_all() == ["dropped"]
