"""manage.py reconcile_payments: settles what no event reached, and says what it did."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment, PaymentState, Refund, RefundState
from payments.settlement import Snapshot, apply
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import NOWHERE
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE, paid, run_at


@pytest.fixture
def piece(make_item: Any) -> Item:
    made: Item = make_item(stock=1)
    return made


def press_buy(item: Item) -> Payment:
    Client().get(f"/buy/{item.pk}")
    return Payment.objects.latest("pk")


def command(*arguments: str) -> tuple[int, str]:
    printed = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile_payments", *arguments, stdout=printed)
    return int(str(ended.value.code)), printed.getvalue()


def test_a_payment_that_no_event_told_of_is_settled(piece: Item, local_stripe: LocalStripe) -> None:
    payment = press_buy(piece)
    local_stripe.pay(payment.stripe_id)
    code, printed = command("--older-than", "0s")
    assert (code, Order.objects.get().state) == (0, State.PAID)
    assert "Payments: 1, refunds: 0, news from Stripe: 0, not now: 0." in printed
    assert [step.kind for step in Order.objects.get().history.all()][-1] == "reconciler"
    assert "Payments: 0," in command("--older-than", "0s")[1]


def test_a_younger_payment_is_left_to_buyer_and_events(
    piece: Item, local_stripe: LocalStripe
) -> None:
    local_stripe.pay(press_buy(piece).stripe_id)
    assert "Payments: 0," in command()[1]
    assert Order.objects.get().state == State.CHECKOUT


def test_an_order_frozen_by_a_process_that_died_is_released(
    piece: Item, local_stripe: LocalStripe
) -> None:
    press_buy(piece)
    Payment.objects.update(stripe_id="")
    run_at(timezone.now())
    assert Payment.objects.get().state == "open"  # its request may still be asking Stripe
    run_at(timezone.now() + timedelta(seconds=24))
    assert (Payment.objects.get().state, Order.objects.get().state) == ("failed", "cancelled")
    piece.refresh_from_db()
    assert piece.stock == 1


def test_an_overdue_session_has_expired_and_gives_its_stock_back(
    piece: Item, local_stripe: LocalStripe
) -> None:
    press_buy(piece)
    local_stripe.configure(clock_ahead=32 * 60)
    run_at(timezone.now() + timedelta(minutes=32))
    assert Payment.objects.get().state == PaymentState.EXPIRED
    piece.refresh_from_db()
    assert piece.stock == 1


def test_an_overdue_intent_is_cancelled_and_gives_its_stock_back(
    piece: Item, local_stripe: LocalStripe
) -> None:
    Client().post(f"/buy/{piece.pk}/intent")
    payment = Payment.objects.get()
    run_at(timezone.now() + timedelta(minutes=30))
    assert local_stripe.intent(payment.stripe_id)["status"] == "requires_payment_method"
    run_at(timezone.now() + timedelta(minutes=32))
    assert local_stripe.intent(payment.stripe_id)["status"] == "canceled"
    assert Order.objects.get().state == State.CANCELLED
    piece.refresh_from_db()
    assert piece.stock == 1


def test_refunds_and_disputes_that_no_event_told_of_are_mirrored(
    piece: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(piece, local_stripe)
    local_stripe.refund(payment.intent_id, 500)
    assert run_at(timezone.now()).updated == 1
    assert Order.objects.get().refunded_amount == 500
    dispute_id = local_stripe.dispute(payment.intent_id)
    code, printed = command()
    assert (code, "need attention: 1." in printed) == (1, True)
    assert dispute_id in alert_messages(Order.objects.get())
    assert run_at(timezone.now()).updated == 0


def test_what_another_program_gave_back_on_the_account_is_left_alone(
    piece: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(piece, local_stripe)
    local_stripe.refund(payment.intent_id)
    Payment.objects.all().delete()
    assert run_at(timezone.now()).looked_at == 0


def test_a_refund_that_broke_off_is_finished(piece: Item, local_stripe: LocalStripe) -> None:
    payment = paid(piece, local_stripe)
    Refund.objects.create(payment=payment, amount=500, reason="duplicate")
    assert run_at(timezone.now()).refunds == 1
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert len(local_stripe.refunds()) == 1


def test_what_stripe_can_not_be_asked_about_now_is_said_and_tried_again(
    piece: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_stripe.pay(press_buy(piece).stripe_id)
    with monkeypatch.context() as patch:
        patch.setattr("stripe.api_base", NOWHERE)
        patch.setattr("stripe.max_network_retries", 0)
        code, printed = command("--older-than", "0s")
    assert (code, "not now: 3." in printed) == (2, True)  # the payment, and two accounts
    assert command("--older-than", "0s")[0] == 0
    assert Order.objects.get().state == State.PAID


def test_one_that_can_never_be_finished_keeps_no_other_from_it(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    broken, other = press_buy(make_item()), press_buy(make_item())
    for payment in (broken, other):
        local_stripe.pay(payment.stripe_id)

    def fail(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if sql.startswith("INSERT") and '"payments_paymentstep"' in sql and broken.pk in params:
            raise RuntimeError("a mistake in the code that only this payment meets")
        return execute(sql, params, *rest)

    with connection.execute_wrapper(fail):
        code, printed = command("--older-than", "0s")
    assert (code, "Payments: 2, refunds: 0, news from Stripe: 0, not now: 1." in printed) == (
        2,
        True,
    )
    assert [order.state for order in Order.objects.order_by("pk")] == [State.CHECKOUT, State.PAID]


def test_a_stripe_that_is_away_is_asked_about_three_and_the_rest_waits(
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


def test_a_stripe_that_hangs_is_asked_no_longer_than_patience_lasts(
    piece: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = press_buy(piece)
    monkeypatch.setattr("payments.reconcile.LOOK_SECONDS", 0.5)
    local_stripe.configure(outage="hang")
    assert run_at(timezone.now()).failed == 3  # the payment, and two accounts
    local_stripe.configure(outage=None)
    path = f"/v1/checkout/sessions/{payment.stripe_id}"
    assert len(local_stripe.requests("GET", path)) == 1


def test_a_database_that_is_away_is_said_and_is_no_order_for_staff(
    db: None, local_stripe: LocalStripe
) -> None:
    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        raise OperationalError("the database is away")

    complained = StringIO()
    with connection.execute_wrapper(refuse), pytest.raises(SystemExit) as ended:
        call_command("reconcile_payments", stderr=complained)
    assert ended.value.code == 2
    assert "The database can't be asked now" in complained.getvalue()


@pytest.mark.parametrize(
    ("state", "longest"),
    [("open", timedelta(minutes=31)), ("processing", timedelta(days=14, minutes=31))],
)
def test_a_payment_whose_account_lost_its_keys_waits_and_is_then_left_to_staff(
    piece: Item, local_stripe: LocalStripe, state: str, longest: timedelta
) -> None:
    press_buy(piece)
    Payment.objects.update(account="GBP", state=state)
    assert run_at(timezone.now() + longest - timedelta(minutes=1)).failed == 1
    assert Order.objects.get().state == State.CHECKOUT
    for _ in range(2):
        assert run_at(timezone.now() + longest).failed == 0
    order = Order.objects.get()
    assert order.state == State.CANCELLED
    assert "with the present keys of account GBP" in alert_messages(order)
    piece.refresh_from_db()
    assert piece.stock == 1


def test_a_payment_that_was_settled_meanwhile_is_not_abandoned(
    piece: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(piece, local_stripe)
    apply(payment, Snapshot(None), at=timezone.now(), cause=CAUSE)
    assert Order.objects.get().state == State.PAID


def test_a_hundred_payments_print_a_line_of_progress(item: Item, local_stripe: LocalStripe) -> None:
    payment = press_buy(item)
    Payment.objects.update(stripe_id="")
    for _ in range(99):
        order = Order.objects.create(currency="USD", state=State.CHECKOUT)
        Payment.objects.create(
            order=order,
            account=payment.account,
            livemode=False,
            amount=1,
            currency="USD",
            expires_at=payment.expires_at,
        )
    assert "100 looked at …" in command("--older-than", "0s")[1]


@pytest.mark.django_db(transaction=True)  # it closes old connections, as no transaction may
def test_runs_again_and_again_and_outlives_a_database_that_fails(
    piece: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rounds, of which the first meets a database that refuses; the pause then ends it."""
    local_stripe.pay(press_buy(piece).stripe_id)
    pauses: list[float] = []
    failing = [True]

    def refuse_once(execute: Any, sql: str, *rest: Any) -> Any:
        if failing and "payments_payment" in sql:
            failing.pop()
            raise OperationalError("the database is away")
        return execute(sql, *rest)

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", pause)
    said, complained = StringIO(), StringIO()
    options = {"stdout": said, "stderr": complained}
    with connection.execute_wrapper(refuse_once):
        call_command("reconcile_payments", "--every=5m", "--older-than=0s", **options)
    assert pauses == [300, 300]
    assert "The database can't be asked now" in complained.getvalue()
    assert "Payments: 1," in said.getvalue()
    assert Order.objects.get().state == State.PAID


def test_can_be_quiet(db: None, local_stripe: LocalStripe) -> None:
    assert command("-v0") == (0, "")


@pytest.mark.parametrize("text", ["10", "m", "1.5h", "-1m", "10 m", ""])
def test_a_time_that_is_none_is_refused(db: None, text: str) -> None:
    with pytest.raises(CommandError, match="is not a time like 30s"):
        call_command("reconcile_payments", f"--older-than={text}")
