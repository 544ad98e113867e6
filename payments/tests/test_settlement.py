"""payments.settlement: the state at Stripe becomes the state of the order, once."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.holds import release
from cart.models import Discount, Order, State
from payments import checkout
from payments.models import Kind, Payment, PaymentState
from payments.refunds.proposal import left_to_refund
from payments.settlement import end_attempt, end_unanswered, settle
from payments.stripe_api.errors import AccountNotSetUp
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.carts import add, add_tax, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE, paid, states_after_settling
from tests.support.presses import intent_of_item, press_buy, session_of_cart


@pytest.fixture
def payment(last_piece: Item, local_stripe: LocalStripe) -> Payment:
    checkout.buy_item(
        item_id=last_piece.pk,
        visitor="visitor",
        address_hash="",
        kind=Kind.CHECKOUT,
        at=timezone.now(),
    )
    return Payment.objects.get()


def test_paid_once_and_again_changes_nothing(payment: Payment, local_stripe: LocalStripe) -> None:
    local_stripe.pay(payment.stripe_id, email="buyer@shop.example")
    assert states_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    first = Order.objects.get()
    assert first.email == "buyer@shop.example"
    assert states_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    assert Order.objects.get().paid_at == first.paid_at


@pytest.mark.parametrize(
    ("iban", "end", "stock"),
    [
        ("DE89370400440532013000", (PaymentState.SUCCEEDED, State.PAID), 0),
        ("DE62370400440532013001", (PaymentState.FAILED, State.CANCELLED), 1),
    ],
)
def test_a_delayed_payment_at_checkout_is_paid_or_returns_the_stock(
    make_item: Any, local_stripe: LocalStripe, iban: str, end: tuple[str, str], stock: int
) -> None:
    item = make_item(stock=1, currency="EUR")
    checkout.buy_item(
        item_id=item.pk, visitor="visitor", address_hash="", kind=Kind.CHECKOUT, at=timezone.now()
    )
    payment = Payment.objects.get()
    local_stripe.configure(delayed_seconds=None)
    local_stripe.pay(payment.stripe_id, iban=iban)
    for _ in range(2):
        assert states_after_settling(payment) == (PaymentState.PROCESSING, State.PROCESSING)
    session = local_stripe.session(payment.stripe_id, key="sk_test_minieuro")
    local_stripe.finish_delayed(session["payment_intent"])
    for _ in range(2):
        assert states_after_settling(payment) == end
    item.refresh_from_db()
    assert item.stock == stock


def test_an_expired_session_cancels_and_returns_the_stock_once(
    payment: Payment, last_piece: Item, local_stripe: LocalStripe
) -> None:
    local_stripe.expire(payment.stripe_id)
    for _ in range(2):
        assert states_after_settling(payment) == (PaymentState.EXPIRED, State.CANCELLED)
    last_piece.refresh_from_db()
    assert last_piece.stock == 1


def test_another_amount_than_recorded_is_not_paid_and_alerts_staff(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    Payment.objects.update(amount=5)
    local_stripe.pay(payment.stripe_id)
    assert states_after_settling(payment) == (PaymentState.SUCCEEDED, State.CHECKOUT)
    messages = alert_messages(Order.objects.get())
    assert f"Stripe received $19.99 with {payment.stripe_id}, but the order says $0.05." in messages
    assert "then refund the payment" in messages
    payment.refresh_from_db()
    assert left_to_refund(payment) == 1999


def test_a_payment_after_the_hold_takes_the_stock_again(
    payment: Payment, last_piece: Item, local_stripe: LocalStripe
) -> None:
    release(payment.order, at=timezone.now(), cause=CAUSE)
    local_stripe.pay(payment.stripe_id)
    assert states_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    last_piece.refresh_from_db()
    assert last_piece.stock == 0
    assert not alert_messages(Order.objects.get())


def test_a_payment_after_the_last_piece_was_sold_alerts_staff(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    release(payment.order, at=timezone.now(), cause=CAUSE)
    Item.objects.update(stock=0)
    local_stripe.pay(payment.stripe_id)
    assert states_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    assert "sold out" in alert_messages(Order.objects.get())


def test_a_second_payment_alerts_staff(payment: Payment, local_stripe: LocalStripe) -> None:
    payment.order.step(State.PAID, at=timezone.now(), cause=CAUSE)
    local_stripe.pay(payment.stripe_id)
    assert states_after_settling(payment) == (PaymentState.SUCCEEDED, State.PAID)
    assert "paid a second time" in alert_messages(Order.objects.get())


def test_raises_account_not_set_up_if_the_keys_were_removed(payment: Payment) -> None:
    Payment.objects.update(account="gone")
    payment.refresh_from_db()
    with pytest.raises(AccountNotSetUp):
        settle(payment, at=timezone.now(), cause=CAUSE)


@pytest.mark.django_db(transaction=True)
def test_a_paid_attempt_is_not_ended(item: Item, local_stripe: LocalStripe) -> None:
    payment = paid(item, local_stripe)
    with payment.locked() as (order, locked):
        failed = PaymentState.FAILED
        assert not end_attempt(order, locked, to=failed, at=timezone.now(), cause=CAUSE)
    assert Order.objects.get().state == State.PAID


def test_an_attempt_with_a_session_is_not_ended_as_unanswered(
    item: Item, local_stripe: LocalStripe
) -> None:
    payment = press_buy(item)
    assert not end_unanswered(payment, at=timezone.now(), cause=CAUSE)
    payment.refresh_from_db()
    assert payment.state == PaymentState.OPEN


def test_an_open_session_changes_nothing(item: Item, local_stripe: LocalStripe) -> None:
    settle(press_buy(item), at=timezone.now(), cause=CAUSE)
    assert Order.objects.get().state == State.CHECKOUT


def test_an_intent_is_paid_once(client: Client, item: Item, local_stripe: LocalStripe) -> None:
    intent_id = intent_of_item(client, item)
    local_stripe.pay_intent(intent_id, email="buyer@shop.example")
    assert states_after_settling(Payment.objects.get()) == (PaymentState.SUCCEEDED, State.PAID)
    assert Order.objects.get().email == "buyer@shop.example"
    assert Payment.objects.get().intent_id == intent_id
    assert states_after_settling(Payment.objects.get()) == (PaymentState.SUCCEEDED, State.PAID)


def test_a_declined_card_leaves_the_intent_open(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    intent_id = intent_of_item(client, item)
    local_stripe.pay_intent(intent_id, card="4000000000000002", status=402)
    assert states_after_settling(Payment.objects.get()) == (PaymentState.OPEN, State.CHECKOUT)
    local_stripe.pay_intent(intent_id)
    assert states_after_settling(Payment.objects.get()) == (PaymentState.SUCCEEDED, State.PAID)


@pytest.mark.parametrize(
    ("iban", "end"),
    [
        ("DE89370400440532013000", (PaymentState.SUCCEEDED, State.PAID)),
        ("DE62370400440532013001", (PaymentState.FAILED, State.CANCELLED)),
    ],
)
def test_a_delayed_intent_is_paid_or_returns_the_stock(
    client: Client, make_item: Any, local_stripe: LocalStripe, iban: str, end: tuple[str, str]
) -> None:
    item = make_item(stock=1, currency="EUR")
    local_stripe.configure(delayed_seconds=None)
    intent_id = intent_of_item(client, item)
    local_stripe.pay_intent(intent_id, iban=iban)
    for _ in range(2):
        assert states_after_settling(Payment.objects.get()) == (
            PaymentState.PROCESSING,
            State.PROCESSING,
        )
    local_stripe.finish_delayed(intent_id)
    for _ in range(2):
        assert states_after_settling(Payment.objects.get()) == end
    item.refresh_from_db()
    assert item.stock == (0 if end[1] == State.PAID else 1)
    if end[1] == State.CANCELLED:  # so that it can't be paid without stock
        assert local_stripe.intent(intent_id, "sk_test_minieuro")["status"] == "canceled"


def test_an_expired_session_makes_its_order_a_cart_again(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    discount = Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    item = make_item(stock=1)
    add_tax()
    add(client, item)
    use_code(client, "ONCE")
    first = session_of_cart(client)
    discount.refresh_from_db()
    assert discount.times_redeemed == 1
    local_stripe.expire(first)
    settle(Payment.objects.get(), at=timezone.now(), cause=CAUSE)
    order = Order.objects.get()
    item.refresh_from_db()
    discount.refresh_from_db()
    assert (order.state, order.total_amount, order.taxes.count()) == (State.CART, 0, 0)
    assert (item.stock, discount.times_redeemed) == (1, 0)
    assert session_of_cart(client) != first
    assert Payment.objects.latest("pk").attempt == 2
