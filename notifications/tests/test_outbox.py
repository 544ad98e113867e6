"""Which mails are written, in the transaction that causes them, and that each is written once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from cart.shipped import Tracking, change_tracking, mark_not_shipped, mark_shipped
from cart.signals import order_paid, order_paid_in_transaction, send_both
from notifications.models import Mail, MailReason
from payments.alerts import Alert, raise_alert
from payments.models import Payment
from payments.refunds import request_refund
from payments.settlement import overdue_at
from store.models import Item
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.mails import paid_order
from tests.support.payments import look_again, paid, run_at
from tests.support.presses import intent_of_cart, intent_of_item
from tests.support.vouchers import stock_of, voucher_for

EURO = {"currency": "EUR"}


def reasons() -> list[str]:
    return list(Mail.objects.order_by("pk").values_list("reason", flat=True))


def debit(client: Client, item: Item, local_stripe: LocalStripe, iban: str) -> Payment:
    intent_id = intent_of_item(client, item)
    local_stripe.pay_intent(intent_id, iban=iban)
    payment = Payment.objects.get(stripe_id=intent_id)
    assert look_again(payment).state == State.PROCESSING
    return payment


def test_a_paid_order_has_a_mail_for_the_buyer_and_one_for_staff(
    item: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(item, local_stripe)
    look_again(payment)
    assert reasons() == ["order_confirmed", "new_order"]
    to_buyer, to_staff = Mail.objects.order_by("pk")
    assert to_buyer.to == Order.objects.get().email == "buyer@shop.example"
    assert to_staff.to == ""
    assert to_buyer.message_id != to_staff.message_id
    assert to_buyer.message_id.endswith("@testserver>")


def test_an_order_without_an_address_is_mailed_to_staff_only(item: Item) -> None:
    order = paid_order(item, email="")
    send_both(order_paid_in_transaction, order_paid, order=order)
    assert reasons() == ["new_order"]


def test_a_rolled_back_payment_leaves_no_mail(item: Item) -> None:
    order = paid_order(item)
    with transaction.atomic():
        send_both(order_paid_in_transaction, order_paid, order=order)
        assert len(reasons()) == 2
        transaction.set_rollback(True)
    assert reasons() == []


def test_a_debit_is_on_its_way_and_then_fails(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    payment = debit(client, make_item(**EURO), local_stripe, "DE62370400440532013001")
    assert reasons() == ["payment_processing"]
    local_stripe.finish_delayed(payment.stripe_id)
    look_again(payment)
    look_again(payment)
    assert reasons() == ["payment_processing", "payment_failed"]


def test_a_second_debit_of_the_same_order_has_mails_too(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    add(client, make_item(**EURO))
    for _ in range(2):
        intent_id = intent_of_cart(client)
        local_stripe.pay_intent(intent_id, iban="DE62370400440532013001")
        payment = Payment.objects.get(stripe_id=intent_id)
        look_again(payment)
        local_stripe.finish_delayed(intent_id)
        look_again(payment)
    assert Order.objects.count() == 1
    assert reasons() == ["payment_processing", "payment_failed"] * 2


def test_a_debit_that_stripe_does_not_know_is_for_staff_only(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    """It may have been collected, so the buyer must not hear that nothing was charged."""
    payment = debit(client, make_item(**EURO), local_stripe, "DE62370400440532013001")
    local_stripe.reset()
    run_at(overdue_at(payment) + timedelta(minutes=1))
    payment.refresh_from_db()
    assert payment.state == "failed"
    assert reasons() == ["payment_processing", "needs_attention"]
    receipt = client.get(f"/order/{payment.order.token}").text
    assert "We don’t know yet whether your payment arrived" in receipt
    assert "nothing was charged" not in receipt


def test_a_session_that_expires_is_no_failed_payment(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    session_id = client.get(f"/buy/{item.pk}").json()["id"]
    local_stripe.expire(session_id)
    look_again(Payment.objects.get(stripe_id=session_id))
    assert reasons() == []


def test_a_voucher_that_the_buyer_cancels_is_no_failed_payment(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    payment = voucher_for(client, make_item(**EURO), local_stripe)
    client.post(f"/order/{payment.order.token}/cancel", {"another_way": "1"})
    payment.refresh_from_db()
    assert payment.state == "failed"
    assert "payment_failed" not in reasons()


def test_each_refund_has_a_mail(item: Item, local_stripe: LocalStripe) -> None:
    payment = paid(item, local_stripe)
    Mail.objects.all().delete()
    values: dict[str, Any] = {"reason": "duplicate", "restock": False, "by": "ada", "pieces": {}}
    for _ in range(2):
        request_refund(payment=payment, amount=500, key=uuid4(), at=timezone.now(), **values)
    look_again(payment)
    assert reasons() == ["refunded", "refunded"]
    made = set(payment.refunds.values_list("stripe_id", flat=True))
    assert set(Mail.objects.values_list("reference", flat=True)) == made


def test_an_alert_has_a_mail_once(item: Item) -> None:
    order = paid_order(item)
    for _ in range(2):
        raise_alert(order, Alert.PAID_TWICE, reference="pi_1", at=timezone.now(), payment="pi_1")
    raise_alert(order, Alert.DISPUTE_OPENED, reference="dp_1", at=timezone.now(), dispute="dp_1")
    assert reasons() == ["needs_attention", "dispute"]


def test_a_shipped_order_has_a_mail_if_staff_want_it(item: Item) -> None:
    order = paid_order(item, needs_shipping=True)
    mark_shipped(order.pk, Tracking(), notify=False, by="anna", at=timezone.now())
    change_tracking(order.pk, Tracking("1Z1"), notify=False, by="anna", at=timezone.now())
    assert reasons() == []
    for notify, mails in ((False, 0), (True, 1)):
        tracking = Tracking(f"1Z{notify}")
        change_tracking(order.pk, tracking, notify=notify, by="anna", at=timezone.now())
        assert len(reasons()) == mails


def test_an_order_that_is_shipped_once_more_has_another_mail(item: Item) -> None:
    order = paid_order(item, needs_shipping=True)
    for _ in range(2):
        mark_shipped(order.pk, Tracking(), notify=True, by="anna", at=timezone.now())
        mark_not_shipped(order.pk, by="anna", at=timezone.now())
    assert reasons() == ["shipped", "shipped"]


def test_low_stock_has_one_mail_a_day(make_item: Any, local_stripe: LocalStripe) -> None:
    item = make_item(stock=5)
    for stock in (4, 3, 2):
        paid(item, local_stripe)
        assert stock_of(item) == stock
        assert (MailReason.LOW_STOCK in reasons()) == (stock <= 3)
    assert reasons().count(MailReason.LOW_STOCK) == 1
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    Mail.objects.filter(reason=MailReason.LOW_STOCK).update(reference=yesterday)
    paid(item, local_stripe)
    assert reasons().count(MailReason.LOW_STOCK) == 2


def test_low_stock_can_be_turned_off(
    make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.LOW_STOCK = 0
    paid(make_item(stock=1), local_stripe)
    assert MailReason.LOW_STOCK not in reasons()


@pytest.mark.django_db(transaction=True)
def test_an_error_after_the_commit_does_not_break_the_sale(
    item: Item, local_stripe: LocalStripe, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Order] = []

    def fail(order: Order, **_signal: Any) -> None:
        told.append(order)
        raise ValueError("the warehouse is closed")

    order_paid.connect(fail)
    try:
        payment = paid(item, local_stripe)
    finally:
        order_paid.disconnect(fail)
    assert told == [payment.order]
    assert payment.state == "succeeded"
    assert "the warehouse is closed" in caplog.text
