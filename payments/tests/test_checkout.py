"""The corners of buying that no single request reaches."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cart.freezing import FrozenOrder, freeze_item
from cart.models import Discount, IllegalStep, Order, State, Tax
from payments import checkout
from payments.errors import AlreadyPaid, AmountMismatch
from payments.models import Kind, Payment, PaymentState
from payments.settlement import end_unanswered, settle
from payments.stripe_api import checkout_sessions
from payments.stripe_api.accounts import account_for
from payments.stripe_api.errors import (
    CallInFlight,
    NotFoundAtStripe,
    StripeRefused,
    StripeUnavailable,
)
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE


def buy(item: Item, kind: Kind = Kind.CHECKOUT) -> checkout.OpenCheckout:
    return checkout.buy_item(item=item, visitor="visitor", kind=kind, at=timezone.now())


def test_a_session_over_another_amount_is_ended_before_the_buyer_gets_it(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """The order's total is made wrong before the call, as if Stripe calculated another one."""
    item = make_item(stock=1)
    account, now = account_for("USD"), timezone.now()
    frozen = freeze_item(item=item, buy_key="key", at=now)
    payment = checkout.begin_attempt(account, frozen, kind=Kind.CHECKOUT, attempt=1, at=now)
    frozen.order.total_amount += 1
    with pytest.raises(AmountMismatch):
        checkout.create_session(account, frozen, payment, at=now)
    payment.refresh_from_db()
    assert payment.state == PaymentState.FAILED
    assert Order.objects.get().state == State.CANCELLED
    assert local_stripe.all_sessions()[0]["status"] == "expired"
    item.refresh_from_db()
    assert item.stock == 1


def create_again(frozen: FrozenOrder) -> None:
    """Repeat the call to Stripe of the order's only attempt, as a second press does."""
    payment = Payment.objects.get()
    checkout.create_session(account_for("USD"), frozen, payment, at=timezone.now())


def test_a_session_for_an_attempt_that_has_ended_is_ended_too(
    item: Item, local_stripe: LocalStripe
) -> None:
    frozen = FrozenOrder.read(buy(item).order)
    Payment.objects.update(state=PaymentState.FAILED, stripe_id="")
    with pytest.raises(StripeUnavailable):
        create_again(frozen)
    assert local_stripe.all_sessions()[0]["status"] == "expired"
    assert Payment.objects.get().stripe_id == ""


def test_an_attempt_that_another_press_ended_meanwhile_leaves_the_cart_alone(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """The order became a cart again during the call, so its copied taxes are gone."""
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    frozen = FrozenOrder.read(opened_order(make_item()).order)
    Payment.objects.update(stripe_id="")
    assert end_unanswered(Payment.objects.get(), at=timezone.now(), cause=CAUSE)
    assert frozen.order.taxes.count() == 0
    with pytest.raises(StripeUnavailable):
        create_again(frozen)
    assert Order.objects.get().state == State.CART


def test_a_press_that_read_the_order_before_its_twin_froze_it_gets_the_same_session(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    order = cart(make_item())
    order.discount = Discount.objects.create(code="TEN", percent=Decimal(10))
    order.save()
    stale = Order.objects.get()
    first = buy_order(order)
    Payment.objects.update(stripe_id="")  # its answer is still on the way
    assert buy_order(stale).session.id == first.session.id


def cart(item: Item) -> Order:
    order = Order.objects.create(currency=item.currency)
    order.lines.create(item=item, name=item.name, unit_amount=item.amount)
    return order


def buy_order(order: Order) -> checkout.OpenCheckout:
    return checkout.buy_order(
        order=order, shown_fingerprint=None, kind=Kind.CHECKOUT, at=timezone.now()
    )


def opened_order(item: Item) -> checkout.OpenCheckout:
    return buy_order(cart(item))


def test_an_attempt_that_has_its_session_is_not_ended_as_unanswered(
    item: Item, local_stripe: LocalStripe
) -> None:
    buy(item)
    payment = Payment.objects.get()
    assert not end_unanswered(payment, at=timezone.now(), cause=CAUSE)
    payment.refresh_from_db()
    assert payment.state == PaymentState.OPEN


def test_an_order_that_staff_must_look_at_is_not_sold_again_meanwhile(
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


def test_expiring_what_has_ended_is_no_error(item: Item, local_stripe: LocalStripe) -> None:
    opened = buy(item)
    checkout_sessions.expire(opened.account, opened.session.id)
    checkout_sessions.expire(opened.account, opened.session.id)
    with pytest.raises(NotFoundAtStripe):
        checkout_sessions.expire(opened.account, "cs_test_unknown")


def test_a_refusal_to_end_an_open_session_is_an_error(
    item: Item, local_stripe: LocalStripe
) -> None:
    opened = buy(item)
    local_stripe.fail(path=f"/v1/checkout/sessions/{opened.session.id}/expire", status=403)
    with pytest.raises(StripeRefused):
        checkout_sessions.expire(opened.account, opened.session.id)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "lost"},
        {"currency": "XXX"},
        {"amount": -1},
        {"attempt": 1},
        {"state": PaymentState.PROCESSING},
        {"stripe_id": "cs_test_same"},
    ],
)
def test_the_database_refuses_an_impossible_payment(db: None, values: dict[str, Any]) -> None:
    order = Order.objects.create(currency="USD", state=State.CHECKOUT)
    common = {
        "order": order,
        "account": "default",
        "expires_at": timezone.now(),
        "livemode": False,
        "amount": 1,
        "currency": "USD",
    }
    Payment.objects.create(**common, stripe_id="cs_test_same")
    fresh = {"attempt": 2, "state": PaymentState.FAILED}
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(**(common | fresh | values))


def test_is_named_after_its_session_or_its_key(item: Item, local_stripe: LocalStripe) -> None:
    opened = buy(item)
    payment = Payment.objects.get()
    assert str(payment) == opened.session.id
    payment.stripe_id = ""
    assert str(payment) == f"checkout:{payment.order.number}:1"


def test_only_the_legal_steps_can_be_taken_and_only_from_where_it_is(
    item: Item, local_stripe: LocalStripe
) -> None:
    buy(item)
    payment, stale = Payment.objects.get(), Payment.objects.get()
    now = timezone.now()
    payment.step(PaymentState.SUCCEEDED, at=now, cause=CAUSE)
    with pytest.raises(IllegalStep, match="can't go from succeeded to open"):
        payment.step(PaymentState.OPEN, at=now, cause=CAUSE)
    with pytest.raises(IllegalStep, match="is not open any more"):
        stale.step(PaymentState.FAILED, at=now, cause=CAUSE)
    (step,) = payment.history.all()
    assert str(step) == "open → succeeded: reconciler"
    illegal = {"from_state": "succeeded", "to_state": "open", "at": now, "kind": "staff"}
    with pytest.raises(IntegrityError, match="payment_step_legal"), transaction.atomic():
        payment.history.create(**illegal)


def test_settling_an_open_session_changes_nothing(item: Item, local_stripe: LocalStripe) -> None:
    buy(item)
    settle(Payment.objects.get(), at=timezone.now(), cause=CAUSE)
    assert Order.objects.get().state == State.CHECKOUT
