"""The command reconcile_payments: what it prints and how it exits."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import NOWHERE
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid, run_at
from tests.support.presses import press_buy


def command(*arguments: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it prints."""
    printed = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile_payments", *arguments, stdout=printed)
    return int(str(ended.value.code)), printed.getvalue()


def test_settles_a_payment_that_no_event_reached(
    last_piece: Item, local_stripe: LocalStripe
) -> None:
    payment = press_buy(last_piece)
    local_stripe.pay(payment.stripe_id)
    code, printed = command("--older-than", "0s")
    assert (code, Order.objects.get().state) == (0, State.PAID)
    assert "Payments: 1, refunds: 0, updated at Stripe: 0, failed: 0." in printed
    assert [step.kind for step in Order.objects.get().history.all()][-1] == "reconciler"
    assert "Payments: 0," in command("--older-than", "0s")[1]


def test_leaves_a_younger_payment_alone(last_piece: Item, local_stripe: LocalStripe) -> None:
    local_stripe.pay(press_buy(last_piece).stripe_id)
    assert "Payments: 0," in command()[1]
    assert Order.objects.get().state == State.CHECKOUT


def test_stores_refunds_and_disputes_that_no_event_reached(
    last_piece: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(last_piece, local_stripe)
    local_stripe.refund(payment.intent_id, 500)
    assert run_at(timezone.now()).updated == 1
    assert Order.objects.get().refunded_amount == 500
    dispute_id = local_stripe.dispute(payment.intent_id)
    code, printed = command()
    assert (code, "need attention: 1." in printed) == (1, True)
    assert dispute_id in alert_messages(Order.objects.get())
    assert run_at(timezone.now()).updated == 0


def test_exits_with_2_during_an_outage_and_settles_in_the_next_run(
    last_piece: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_stripe.pay(press_buy(last_piece).stripe_id)
    with monkeypatch.context() as patch:
        patch.setattr("stripe.api_base", NOWHERE)
        patch.setattr("stripe.max_network_retries", 0)
        code, printed = command("--older-than", "0s")
    assert (code, "failed: 3." in printed) == (2, True)  # the payment, and two accounts
    assert command("--older-than", "0s")[0] == 0
    assert Order.objects.get().state == State.PAID


def test_an_error_in_one_payment_does_not_stop_the_run(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    broken, other = press_buy(make_item()), press_buy(make_item())
    for payment in (broken, other):
        local_stripe.pay(payment.stripe_id)

    def fail(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if sql.startswith("INSERT") and '"payments_paymentstep"' in sql and broken.pk in params:
            raise RuntimeError("an error that only this payment causes")
        return execute(sql, params, *rest)

    with connection.execute_wrapper(fail):
        code, printed = command("--older-than", "0s")
    assert (code, "Payments: 2, refunds: 0, updated at Stripe: 0, failed: 1." in printed) == (
        2,
        True,
    )
    assert [order.state for order in Order.objects.order_by("pk")] == [State.CHECKOUT, State.PAID]


def test_exits_with_2_if_the_database_can_not_be_asked(db: None, local_stripe: LocalStripe) -> None:
    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        raise OperationalError("the database is away")

    errors = StringIO()
    with connection.execute_wrapper(refuse), pytest.raises(SystemExit) as ended:
        call_command("reconcile_payments", stderr=errors)
    assert ended.value.code == 2
    assert "The database can't be asked now" in errors.getvalue()


def test_prints_a_line_of_progress_after_100_payments(
    item: Item, local_stripe: LocalStripe
) -> None:
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


@pytest.mark.django_db(transaction=True)  # the command closes connections between its runs
def test_repeats_also_after_a_database_error(
    last_piece: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run ends with a database error, the second settles; the second pause ends it."""
    local_stripe.pay(press_buy(last_piece).stripe_id)
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
    printed, errors = StringIO(), StringIO()
    options = {"stdout": printed, "stderr": errors}
    with connection.execute_wrapper(refuse_once):
        call_command("reconcile_payments", "--every=5m", "--older-than=0s", **options)
    assert pauses == [300, 300]
    assert "The database can't be asked now" in errors.getvalue()
    assert "Payments: 1," in printed.getvalue()
    assert Order.objects.get().state == State.PAID


def test_prints_nothing_with_verbosity_0(db: None, local_stripe: LocalStripe) -> None:
    assert command("-v0") == (0, "")


@pytest.mark.parametrize("text", ["10", "m", "1.5h", "-1m", "10 m", ""])
def test_rejects_a_wrong_time(db: None, text: str) -> None:
    with pytest.raises(CommandError, match="is not a time like 30s"):
        call_command("reconcile_payments", f"--older-than={text}")
