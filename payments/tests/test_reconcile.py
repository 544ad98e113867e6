"""payments.reconcile: pending payments and refunds that no event reached."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment, PaymentState, Refund, RefundState
from payments.settlement import Snapshot, apply
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import NOWHERE
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE, look_again, paid, run_at
from tests.support.presses import press_buy


def test_releases_an_order_whose_process_died(last_piece: Item, local_stripe: LocalStripe) -> None:
    press_buy(last_piece)
    Payment.objects.update(stripe_id="")
    run_at(timezone.now())
    assert Payment.objects.get().state == "open"  # its request may still be asking Stripe
    run_at(timezone.now() + timedelta(seconds=24))
    assert (Payment.objects.get().state, Order.objects.get().state) == ("failed", "cancelled")
    last_piece.refresh_from_db()
    assert last_piece.stock == 1


def test_an_expired_session_returns_the_stock(last_piece: Item, local_stripe: LocalStripe) -> None:
    press_buy(last_piece)
    local_stripe.configure(clock_ahead=36 * 60)
    run_at(timezone.now() + timedelta(minutes=36))
    assert Payment.objects.get().state == PaymentState.EXPIRED
    last_piece.refresh_from_db()
    assert last_piece.stock == 1


def test_an_overdue_intent_is_cancelled_and_returns_the_stock(
    last_piece: Item, local_stripe: LocalStripe
) -> None:
    Client().post(f"/buy/{last_piece.pk}/intent")
    payment = Payment.objects.get()
    run_at(timezone.now() + timedelta(minutes=34))
    assert local_stripe.intent(payment.stripe_id)["status"] == "requires_payment_method"
    run_at(timezone.now() + timedelta(minutes=36))
    assert local_stripe.intent(payment.stripe_id)["status"] == "canceled"
    assert Order.objects.get().state == State.CANCELLED
    last_piece.refresh_from_db()
    assert last_piece.stock == 1


def test_ignores_refunds_of_another_program(last_piece: Item, local_stripe: LocalStripe) -> None:
    payment = paid(last_piece, local_stripe)
    local_stripe.refund(payment.intent_id)
    Payment.objects.all().delete()
    assert run_at(timezone.now()).looked_at == 0


def test_makes_an_interrupted_refund(last_piece: Item, local_stripe: LocalStripe) -> None:
    payment = paid(last_piece, local_stripe)
    Refund.objects.create(payment=payment, amount=500, reason="duplicate")
    assert run_at(timezone.now()).refunds == 1
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert len(local_stripe.refunds()) == 1


def test_stops_after_three_timeouts_and_settles_in_the_next_run(
    make_item: Any, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        local_stripe.pay(press_buy(make_item()).stripe_id)
    with monkeypatch.context() as patch:
        patch.setattr("stripe.api_base", NOWHERE)
        patch.setattr("stripe.max_network_retries", 0)
        summary = run_at(timezone.now())
    assert (summary.payments, summary.failed) == (3, 3)
    assert run_at(timezone.now()).failed == 0
    assert {order.state for order in Order.objects.all()} == {State.PAID}


def test_a_hanging_stripe_is_asked_until_the_deadline(
    last_piece: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = press_buy(last_piece)
    monkeypatch.setattr("payments.reconcile.LOOK_SECONDS", 0.5)
    local_stripe.configure(outage="hang")
    assert run_at(timezone.now()).failed == 3  # the payment, and two accounts
    local_stripe.configure(outage=None)
    path = f"/v1/checkout/sessions/{payment.stripe_id}"
    assert len(local_stripe.requests("GET", path)) == 1


@pytest.mark.parametrize(
    ("state", "longest"),
    [("open", timedelta(minutes=35)), ("processing", timedelta(days=14, minutes=35))],
)
def test_a_payment_without_keys_ends_with_an_alert_when_overdue(
    last_piece: Item, local_stripe: LocalStripe, state: str, longest: timedelta
) -> None:
    press_buy(last_piece)
    Payment.objects.update(account="GBP", state=state)
    assert run_at(timezone.now() + longest - timedelta(minutes=1)).failed == 1
    assert Order.objects.get().state == State.CHECKOUT
    for _ in range(2):
        assert run_at(timezone.now() + longest).failed == 0
    order = Order.objects.get()
    assert order.state == State.CANCELLED
    assert "current keys of account GBP" in alert_messages(order)
    last_piece.refresh_from_db()
    assert last_piece.stock == 1


def test_a_paid_payment_that_stripe_does_not_know_stays_paid(
    last_piece: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(last_piece, local_stripe)
    apply(payment, Snapshot(None), at=timezone.now(), cause=CAUSE)
    assert Order.objects.get().state == State.PAID


@pytest.mark.django_db(transaction=True)
def test_an_attempt_that_wrong_keys_can_not_find_ends_with_an_alert_when_overdue(
    client: Client, make_item: Any, local_stripe: LocalStripe, swap_keys: Callable[[], None]
) -> None:
    item = make_item(stock=1)
    client.post(f"/buy/{item.pk}/intent")
    swap_keys()
    run_at(timezone.now() + timedelta(seconds=30))
    assert Payment.objects.get().state == PaymentState.OPEN
    summary = run_at(timezone.now() + timedelta(minutes=36))
    assert (summary.failed, Payment.objects.get().state) == (0, PaymentState.FAILED)
    assert "current keys of account" in alert_messages(Order.objects.get())
    item.refresh_from_db()
    assert item.stock == 1


def test_a_refund_that_failed_before_it_was_stored_alerts_staff_once(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    refund_id = local_stripe.refund(payment.intent_id, 500)
    local_stripe.finish_refund(refund_id, "failed")
    assert run_at(timezone.now()).updated == 1
    assert payment.refunds.get().state == RefundState.FAILED
    assert refund_id in alert_messages(Order.objects.get())
    assert run_at(timezone.now()).updated == 0


def looks_at_refunds(payment: Payment, local_stripe: LocalStripe) -> int:
    lists = local_stripe.requests("GET", "/v1/refunds")
    return sum(each["params"].get("payment_intent") == payment.intent_id for each in lists)


def test_a_refund_that_failed_after_weeks_without_an_event_alerts_staff(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    made_at, refund_id = timezone.now(), local_stripe.refund(payment.intent_id, 500)
    look_again(payment)
    run_at(made_at + timedelta(days=24))
    local_stripe.finish_refund(refund_id, "failed")
    assert run_at(made_at + timedelta(days=32)).refunds == 1
    assert payment.refunds.get().state == RefundState.FAILED
    order = Order.objects.get()
    assert (order.refunded_amount, refund_id in alert_messages(order)) == (0, True)
    assert run_at(made_at + timedelta(days=36)).refunds == 0


def test_a_made_refund_is_looked_at_once_a_week_while_it_can_fail(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    local_stripe.refund(payment.intent_id, 500)
    look_again(payment)
    before = looks_at_refunds(payment, local_stripe)
    for days in range(60):
        run_at(timezone.now() + timedelta(days=days))
    assert looks_at_refunds(payment, local_stripe) == before + 5


def test_a_made_refund_of_an_account_without_keys_is_no_failure(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    local_stripe.refund(payment.intent_id, 500)
    look_again(payment)
    Payment.objects.update(account="GBP")
    assert run_at(timezone.now() + timedelta(days=8)).failed == 0
    assert payment.refunds.get().state == RefundState.SUCCEEDED


def test_the_end_of_an_old_dispute_that_no_event_reached_is_stored(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    assert run_at(timezone.now()).updated == 1
    local_stripe.close_dispute(dispute_id, "lost")
    later = timezone.now() + timedelta(days=90)
    assert run_at(later).updated == 1
    assert "is lost" in alert_messages(Order.objects.get())
    assert run_at(later).updated == 0


def test_the_log_names_what_could_not_be_reconciled(
    payment: Payment,
    make_item: Any,
    local_stripe: LocalStripe,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    refund = Refund.objects.create(payment=payment, amount=500)
    without_keys = press_buy(make_item())
    Payment.objects.filter(pk=without_keys.pk).update(account="GBP")
    monkeypatch.setattr("stripe.max_network_retries", 0)
    local_stripe.configure(outage="500")
    run_at(timezone.now())
    log = [each.message for each in caplog.records if each.name == "payments.reconcile"]
    names = [each.partition(" is not reconciled: ")[0] for each in log]
    assert names[:3] == [without_keys.stripe_id, str(refund), "account default"]
