"""The model of a payment: its name, its constraints and its steps."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cart.models import IllegalStep, Order, State
from payments.models import UNPAID, Payment, PaymentState
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE
from tests.support.presses import press_buy


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


def test_str_is_the_session_or_the_idempotency_key(item: Item, local_stripe: LocalStripe) -> None:
    payment = press_buy(item)
    assert str(payment) == local_stripe.all_sessions()[0]["id"]
    payment.stripe_id = ""
    assert str(payment) == f"checkout:{payment.order.number}:1"


def test_takes_only_legal_steps_from_its_stored_state(
    item: Item, local_stripe: LocalStripe
) -> None:
    payment, stale = press_buy(item), Payment.objects.get()
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


@pytest.mark.parametrize("state", PaymentState)
@pytest.mark.parametrize("awaits_buyer", [True, False])
def test_unpaid_means_the_same_in_a_query(
    item: Item, local_stripe: LocalStripe, state: PaymentState, awaits_buyer: bool
) -> None:
    payment = press_buy(item)
    Payment.objects.update(state=state, awaits_buyer=awaits_buyer)
    payment.refresh_from_db()
    assert payment.is_unpaid == Payment.objects.filter(UNPAID).exists()
