"""payments.checkout: what no single request reaches."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.freezing import FrozenOrder
from cart.models import Discount, Order, State, Tax
from payments import checkout
from payments.errors import AlreadyPaid
from payments.models import Kind, Payment, PaymentState, StripeObjectId
from payments.settlement import end_unanswered
from payments.stripe_api.accounts import account_for
from payments.stripe_api.errors import CallInFlight, StripeRefused, StripeUnavailable
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE


def buy(item: Item, kind: Kind = Kind.CHECKOUT) -> checkout.OpenCheckout:
    return checkout.buy_item(
        item_id=item.pk, visitor="visitor", address_hash="", kind=kind, at=timezone.now()
    )


def create_again(frozen: FrozenOrder) -> None:
    """Repeat the call to Stripe of the order's only attempt, as a second press does."""
    payment = Payment.objects.get()
    checkout.open_at_stripe(account_for("USD"), frozen, payment, at=timezone.now())


def cart(item: Item) -> Order:
    order = Order.objects.create(currency=item.currency)
    order.lines.create(item=item, name=item.name, unit_amount=item.amount)
    return order


def buy_order(order: Order) -> checkout.OpenCheckout:
    return checkout.buy_order(
        order=order, shown_fingerprint=None, address_hash="", kind=Kind.CHECKOUT, at=timezone.now()
    )


def opened_order(item: Item) -> checkout.OpenCheckout:
    return buy_order(cart(item))


@pytest.mark.django_db(transaction=True)
def test_an_item_is_read_once_with_its_row_locked(item: Item, local_stripe: LocalStripe) -> None:
    """Staff who edit it wait, so that what is sold is what was quoted."""
    with CaptureQueriesContext(connection) as queries:
        buy(item)
    sent = [each["sql"] for each in queries]
    (read,) = [sql for sql in sent if sql.startswith("SELECT") and 'FROM "store_item"' in sql]
    before = sent[: sent.index(read)]
    assert before[-1].startswith("BEGIN")  # on SQLite it locks the whole database
    assert not any('"cart_' in sql for sql in before)
    if connection.vendor == "postgresql":
        assert read.endswith("FOR NO KEY UPDATE")


def test_a_session_for_an_attempt_that_has_ended_is_ended_too(
    item: Item, local_stripe: LocalStripe
) -> None:
    frozen = FrozenOrder.read(buy(item).order)
    Payment.objects.update(state=PaymentState.FAILED, stripe_id="")
    with pytest.raises(CallInFlight):
        create_again(frozen)
    assert local_stripe.all_sessions()[0]["status"] == "expired"
    assert Payment.objects.get().stripe_id == ""


def test_the_cart_stays_as_it_is_if_another_press_ended_the_attempt(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """The order becomes a cart again during the call, which deletes its copied taxes."""
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    frozen = FrozenOrder.read(opened_order(make_item()).order)
    Payment.objects.update(stripe_id="")
    assert end_unanswered(Payment.objects.get(), at=timezone.now(), cause=CAUSE)
    assert frozen.order.taxes.count() == 0
    with pytest.raises(CallInFlight):
        create_again(frozen)
    assert Order.objects.get().state == State.CART


def test_two_presses_at_the_same_time_get_the_same_session(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    order = cart(make_item())
    order.discount = Discount.objects.create(code="TEN", percent=Decimal(10))
    order.save()
    stale = Order.objects.get()
    first = buy_order(order)
    Payment.objects.update(stripe_id="")  # as if Stripe had not answered yet
    assert buy_order(stale).stripe_payment.id == first.stripe_payment.id


def test_the_session_of_the_quicker_press_stays(make_item: Any, local_stripe: LocalStripe) -> None:
    """The slower press sends another tax rate, so Stripe creates a second session for it."""
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    first = opened_order(make_item())
    StripeObjectId.objects.all().delete()
    with pytest.raises(CallInFlight):
        create_again(FrozenOrder.read(first.order))
    assert Payment.objects.get().stripe_id == first.stripe_payment.id
    statuses = {each["id"]: each["status"] for each in local_stripe.all_sessions()}
    assert statuses.pop(first.stripe_payment.id) == "open"
    assert list(statuses.values()) == ["expired"]


def test_a_press_that_another_one_overtakes_gets_its_session(
    item: Item, local_stripe: LocalStripe
) -> None:
    """The other press freezes the order before this one locks it."""
    order = cart(item)
    waiting, sessions = [Order.objects.get()], []

    def overtake(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("SAVEPOINT") and waiting:
            sessions.append(buy_order(waiting.pop()).stripe_payment.id)
        return execute(sql, *rest)

    with connection.execute_wrapper(overtake):
        sessions.append(buy_order(order).stripe_payment.id)
    assert len(sessions) == 2
    assert sessions[0] == sessions[1]
    assert Payment.objects.count() == 1


def test_an_order_that_stays_frozen_without_an_attempt_is_tried_again_later(
    item: Item, db: None
) -> None:
    order = cart(item)
    Order.objects.update(state=State.CHECKOUT)
    with pytest.raises(CallInFlight):
        buy_order(order)
    assert not Payment.objects.exists()


def test_an_error_for_an_attempt_that_was_ended_meanwhile_is_temporary(
    item: Item, local_stripe: LocalStripe
) -> None:
    frozen = FrozenOrder.read(buy(item).order)
    Payment.objects.update(state=PaymentState.FAILED, stripe_id="")
    local_stripe.fail(path="/v1/checkout/sessions", status=400)
    with pytest.raises(StripeUnavailable) as caught:
        create_again(frozen)
    assert isinstance(caught.value.__cause__, StripeRefused)


def test_an_order_paid_with_another_amount_is_not_paid_again(
    item: Item, local_stripe: LocalStripe
) -> None:
    buy(item)
    Payment.objects.update(amount=5)
    local_stripe.pay(Payment.objects.get().stripe_id)
    with pytest.raises(AlreadyPaid):
        buy(item)
    with pytest.raises(CallInFlight):
        buy(item)
    assert alert_messages(Order.objects.get())
