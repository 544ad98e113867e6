"""The corners of buying that no single request reaches."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cart.holds import freeze_item
from cart.models import Discount, IllegalStep, Order, State, Tax
from payments import amount_check, checkout, settlement
from payments.errors import AlreadyPaid, AmountMismatch
from payments.models import Kind, Payment, PaymentState
from payments.settlement import settle
from payments.stripe_api import checkout_sessions
from payments.stripe_api.accounts import account_for
from payments.stripe_api.checkout_sessions import CheckoutSession
from payments.stripe_api.errors import (
    CallInFlight,
    NotFoundAtStripe,
    StripeRefused,
    StripeUnavailable,
)
from store.models import Item
from tests.support.local_stripe import LocalStripe


def buy(item: Item, kind: Kind = Kind.CHECKOUT) -> checkout.OpenCheckout:
    return checkout.buy_item(item=item, visitor="visitor", kind=kind, at=timezone.now())


def test_a_session_with_another_amount_is_ended_before_anybody_sees_it(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """The recorded amount is made wrong before the call, as if Stripe counted otherwise."""
    item = make_item(stock=1)
    now = timezone.now()
    press = checkout.Press(
        account=account_for("USD"),
        kind=Kind.CHECKOUT,
        at=now,
        open_payment=lambda: None,
        is_current=lambda order: True,
        freeze=lambda: freeze_item(item=item, buy_key="key", at=now),
    )
    payment = checkout._begin(press)
    payment.order.total_amount += 1
    payment.order.save()
    with pytest.raises(AmountMismatch):
        checkout._create(payment, timezone.now())
    payment.refresh_from_db()
    assert payment.state == PaymentState.FAILED
    assert Order.objects.get().state == State.CANCELLED
    assert local_stripe.all_sessions()[0]["status"] == "expired"
    item.refresh_from_db()
    assert item.stock == 1


def test_a_session_for_an_attempt_that_was_given_up_is_ended(
    item: Item, local_stripe: LocalStripe
) -> None:
    buy(item)
    Payment.objects.update(state=PaymentState.FAILED, stripe_id="")
    with pytest.raises(StripeUnavailable):
        checkout._create(Payment.objects.get(), timezone.now())
    assert local_stripe.all_sessions()[0]["status"] == "expired"


def test_an_attempt_that_its_twin_gave_up_is_no_half_order(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """The order is a cart again while this call is under way: what is frozen is gone."""
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    payment = opened_order(make_item()).order.payments.get()
    Payment.objects.update(stripe_id="")
    assert settlement.give_up(Payment.objects.get(), at=timezone.now(), why="the twin failed")
    assert payment.order.taxes.count() == 0
    with pytest.raises(StripeUnavailable):
        checkout._create(payment, timezone.now())
    assert Order.objects.get().state == State.CART


def test_a_session_that_comes_after_its_twin_gave_up_is_left_alone(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """Its order has lost the taxes that it was frozen with."""
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    opened = opened_order(make_item())
    Payment.objects.update(state=PaymentState.FAILED, stripe_id="")
    opened.order.taxes.all().delete()
    assert isinstance(opened.remote, CheckoutSession)
    assert not amount_check.record(Payment.objects.get(), opened.remote)
    assert Payment.objects.get().stripe_id == ""


def test_a_press_that_read_the_order_before_its_twin_froze_it_gets_the_same_session(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    order = cart(make_item())
    order.discount = Discount.objects.create(code="TEN", percent=Decimal(10))
    order.save()
    stale = Order.objects.get()
    first = buy_order(order)
    Payment.objects.update(stripe_id="")  # its answer is still on the way
    assert buy_order(stale).remote.id == first.remote.id


def cart(item: Item) -> Order:
    order = Order.objects.create(currency=item.currency)
    order.lines.create(item=item, name=item.name, unit_amount=item.amount)
    return order


def buy_order(order: Order) -> checkout.OpenCheckout:
    return checkout.buy_order(order=order, seen=None, kind=Kind.CHECKOUT, at=timezone.now())


def opened_order(item: Item) -> checkout.OpenCheckout:
    return buy_order(cart(item))


def test_giving_up_leaves_an_attempt_that_got_its_session(
    item: Item, local_stripe: LocalStripe
) -> None:
    buy(item)
    payment = Payment.objects.get()
    settlement.give_up(payment, at=timezone.now(), why="test")
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
    assert Order.objects.get().needs_attention


def test_expiring_what_has_ended_is_no_error(item: Item, local_stripe: LocalStripe) -> None:
    opened = buy(item)
    checkout_sessions.expire(opened.account, opened.remote.id)
    checkout_sessions.expire(opened.account, opened.remote.id)
    with pytest.raises(NotFoundAtStripe):
        checkout_sessions.expire(opened.account, "cs_test_unknown")


def test_a_refusal_to_end_an_open_session_is_an_error(
    item: Item, local_stripe: LocalStripe
) -> None:
    opened = buy(item)
    local_stripe.fail(path=f"/v1/checkout/sessions/{opened.remote.id}/expire", status=403)
    with pytest.raises(StripeRefused):
        checkout_sessions.expire(opened.account, opened.remote.id)


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
    assert str(payment) == opened.remote.id
    payment.stripe_id = ""
    assert str(payment) == f"checkout:{payment.order.token}:1"


def test_only_the_legal_steps_can_be_taken_and_only_from_where_it_is(
    item: Item, local_stripe: LocalStripe
) -> None:
    buy(item)
    payment, stale = Payment.objects.get(), Payment.objects.get()
    now = timezone.now()
    payment.step(PaymentState.SUCCEEDED, at=now, why="first")
    with pytest.raises(IllegalStep, match="can't go from succeeded to open"):
        payment.step(PaymentState.OPEN, at=now, why="second")
    with pytest.raises(IllegalStep, match="is not open any more"):
        stale.step(PaymentState.FAILED, at=now, why="second")
    (step,) = payment.history.all()
    assert str(step) == "open → succeeded: first"
    illegal = {"from_state": "succeeded", "to_state": "open", "at": now, "why": "by hand"}
    with pytest.raises(IntegrityError, match="payment_step_legal"), transaction.atomic():
        payment.history.create(**illegal)


def test_settling_an_open_session_changes_nothing(item: Item, local_stripe: LocalStripe) -> None:
    buy(item)
    settle(payment=Payment.objects.get(), at=timezone.now(), why="test")
    assert Order.objects.get().state == State.CHECKOUT
