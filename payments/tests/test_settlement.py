"""What Stripe says becomes the order's state: once, and never more than was recorded."""

from typing import Any

import pytest
from django.utils import timezone

from cart.holds import release
from cart.models import Order, State
from payments import checkout
from payments.models import Kind, Payment, PaymentState
from payments.refunds import left_to_refund
from payments.settlement import settle
from payments.stripe_api.errors import AccountNotSetUp
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE


@pytest.fixture
def last_piece(make_item: Any) -> Item:
    made: Item = make_item(stock=1)
    return made


@pytest.fixture
def payment(last_piece: Item, local_stripe: LocalStripe) -> Payment:
    checkout.buy_item(item=last_piece, visitor="visitor", kind=Kind.CHECKOUT, at=timezone.now())
    return Payment.objects.get()


def state_after_settling(payment: Payment) -> tuple[str, str]:
    settle(payment, at=timezone.now(), cause=CAUSE)
    payment.refresh_from_db()
    return payment.state, Order.objects.get(pk=payment.order_id).state


def test_paid_once_and_again_changes_nothing(payment: Payment, local_stripe: LocalStripe) -> None:
    local_stripe.pay(payment.stripe_id, email="buyer@shop.example")
    assert state_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    first = Order.objects.get()
    assert first.email == "buyer@shop.example"
    assert state_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    assert Order.objects.get().paid_at == first.paid_at


@pytest.mark.parametrize(
    ("iban", "end", "stock"),
    [
        ("DE89370400440532013000", (PaymentState.SUCCEEDED, State.PAID), 0),
        ("DE62370400440532013001", (PaymentState.FAILED, State.CANCELLED), 1),
    ],
)
def test_a_delayed_method_at_checkout_waits_and_then_pays_or_gives_the_stock_back(
    make_item: Any, local_stripe: LocalStripe, iban: str, end: tuple[str, str], stock: int
) -> None:
    item = make_item(stock=1, currency="EUR")
    checkout.buy_item(item=item, visitor="visitor", kind=Kind.CHECKOUT, at=timezone.now())
    payment = Payment.objects.get()
    local_stripe.configure(delayed_seconds=None)
    local_stripe.pay(payment.stripe_id, iban=iban)
    for _ in range(2):
        assert state_after_settling(payment) == (PaymentState.PROCESSING, State.PROCESSING)
    session = local_stripe.session(payment.stripe_id, key="sk_test_minieuro")
    local_stripe.finish_delayed(session["payment_intent"])
    for _ in range(2):
        assert state_after_settling(payment) == end
    item.refresh_from_db()
    assert item.stock == stock


def test_an_expired_session_cancels_and_returns_the_stock_once(
    payment: Payment, last_piece: Item, local_stripe: LocalStripe
) -> None:
    local_stripe.expire(payment.stripe_id)
    for _ in range(2):
        assert state_after_settling(payment) == (PaymentState.EXPIRED, State.CANCELLED)
    last_piece.refresh_from_db()
    assert last_piece.stock == 1


def test_another_amount_than_recorded_is_not_paid_but_called_out(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    Payment.objects.update(amount=5)
    local_stripe.pay(payment.stripe_id)
    assert state_after_settling(payment) == (PaymentState.SUCCEEDED, State.CHECKOUT)
    told = alert_messages(Order.objects.get())
    assert f"Stripe took $19.99 with {payment.stripe_id}, the order says $0.05." in told
    assert "then refund it" in told
    payment.refresh_from_db()
    assert left_to_refund(payment) == 1999


def test_money_after_the_hold_takes_the_stock_that_is_there(
    payment: Payment, last_piece: Item, local_stripe: LocalStripe
) -> None:
    release(payment.order, at=timezone.now(), cause=CAUSE)
    local_stripe.pay(payment.stripe_id)
    assert state_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    last_piece.refresh_from_db()
    assert last_piece.stock == 0
    assert not alert_messages(Order.objects.get())


def test_money_after_the_last_piece_went_is_paid_and_called_out(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    release(payment.order, at=timezone.now(), cause=CAUSE)
    Item.objects.update(stock=0)
    local_stripe.pay(payment.stripe_id)
    assert state_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    assert "sold out" in alert_messages(Order.objects.get())


def test_a_second_payment_is_called_out(payment: Payment, local_stripe: LocalStripe) -> None:
    payment.order.step(State.PAID, at=timezone.now(), cause=CAUSE)
    local_stripe.pay(payment.stripe_id)
    assert state_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    assert "Paid a second time" in alert_messages(Order.objects.get())


def test_an_account_whose_keys_are_gone_can_not_be_asked(payment: Payment) -> None:
    Payment.objects.update(account="gone")
    payment.refresh_from_db()
    with pytest.raises(AccountNotSetUp):
        settle(payment, at=timezone.now(), cause=CAUSE)
