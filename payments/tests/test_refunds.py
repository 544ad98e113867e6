"""payments.refunds: refunds that staff request, made once and never more than was paid."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cart.models import Order
from payments.models import Payment, Refund, RefundState
from payments.refund_sync import end_refund
from payments.refunds import PiecesRefundedAlready, RefundTooLarge, request_refund, resume
from payments.refunds.proposal import left_to_refund
from payments.stripe_api.errors import (
    AccountNotSetUp,
    NotFoundAtStripe,
    StripeRefused,
    StripeUnavailable,
)
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.local_stripe import LocalStripe
from tests.support.lying_stripe import Lie, lying_stripe


def refund(payment: Payment, amount: int, **values: Any) -> Refund:
    fields: dict[str, Any] = {"key": uuid4(), "reason": "duplicate", "restock": False, "by": "ada"}
    fields |= {"pieces": {}} | values
    return request_refund(payment=payment, amount=amount, at=timezone.now(), **fields)


def one_piece(payment: Payment) -> dict[int, int]:
    return {payment.order.lines.get().pk: 1}


def test_refunds_a_part_and_then_the_rest(payment: Payment, local_stripe: LocalStripe) -> None:
    refund(payment, 500)
    assert Order.objects.get().refunded_amount == 500
    assert left_to_refund(Payment.objects.get()) == 1499
    with pytest.raises(RefundTooLarge) as caught:
        refund(payment, 1500)
    assert caught.value.left == 1499
    refund(payment, 1499)
    assert Order.objects.get().is_refunded
    assert left_to_refund(Payment.objects.get()) == 0
    sent = [each["params"] for each in local_stripe.requests("POST", "/v1/refunds")]
    assert [(each["amount"], each["reason"]) for each in sent] == [
        ("500", "duplicate"),
        ("1499", "duplicate"),
    ]
    assert Item.objects.get().stock == 0


def test_the_same_key_twice_is_one_refund(payment: Payment, local_stripe: LocalStripe) -> None:
    key = uuid4()
    assert refund(payment, 500, key=key) == refund(payment, 500, key=key)
    assert [each["amount"] for each in local_stripe.refunds()] == [500]


def test_returns_the_pieces_to_the_stock_once_if_staff_ask_for_it(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    refund(payment, 500, pieces=one_piece(payment), restock=True)
    with pytest.raises(PiecesRefundedAlready):
        refund(payment, 500, pieces=one_piece(payment), restock=True)
    assert Item.objects.get().stock == 1
    assert [each["amount"] for each in local_stripe.refunds()] == [500]


@pytest.mark.parametrize("drop", ["before", "after"])
def test_an_interrupted_refund_is_made_once(
    payment: Payment, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch, drop: str
) -> None:
    monkeypatch.setattr("stripe.max_network_retries", 0)
    local_stripe.fail(path="/v1/refunds", drop=drop)
    with pytest.raises(StripeUnavailable):
        refund(payment, 500)
    assert Refund.objects.get().state == RefundState.REQUESTED
    assert left_to_refund(payment) == 1499
    for _ in range(2):
        resume(Refund.objects.get(), at=timezone.now())
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert [each["amount"] for each in local_stripe.refunds()] == [500]


def failing_after_it_was_made(local_stripe: LocalStripe, payment: Payment) -> Refund:
    """A refund that Stripe has made, although it answered with 500."""
    local_stripe.fail(path="/v1/refunds", method="POST", status=500, effect="after")
    with pytest.raises(StripeUnavailable):
        refund(payment, 500)
    return Refund.objects.get()


def test_a_refund_that_stripe_made_in_spite_of_its_failure_is_found(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    requested = failing_after_it_was_made(local_stripe, payment)
    resume(requested, at=timezone.now())
    assert requested.state == RefundState.SUCCEEDED
    assert not Order.objects.get().alerts.exists()


def test_a_refund_that_the_failing_call_has_just_made_is_found(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    """The stripe library repeats the call, and gets the failure again."""
    requested = Refund.objects.create(payment=payment, amount=500, reason="duplicate")
    local_stripe.fail(path="/v1/refunds", method="POST", status=500, effect="after")
    resume(requested, at=timezone.now())
    assert requested.state == RefundState.SUCCEEDED
    assert not Order.objects.get().alerts.exists()


def test_a_failure_that_stripe_repeats_is_left_to_staff_at_once(
    payment: Payment, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe has not made the refund, and answers the same call with its failure for a day."""
    requested = failing_after_it_was_made(local_stripe, payment)
    hide = Lie("GET", "/v1/refunds", lambda body: body["data"].clear())
    with lying_stripe(local_stripe.address, hide) as address, monkeypatch.context() as patch:
        patch.setattr("stripe.api_base", address)
        resume(requested, at=timezone.now())
    requested.refresh_from_db()
    assert requested.state == RefundState.FAILED
    assert requested.idempotency_key in alert_messages(Order.objects.get())
    resume(requested, at=timezone.now())  # it has appeared at Stripe meanwhile
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert alert_messages(Order.objects.get()) == ""


def test_an_old_request_that_stripe_does_not_know_is_left_to_staff(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    """Stripe has deleted its idempotency key, so the same call could refund a second time."""
    requested = Refund.objects.create(payment=payment, amount=500)
    resume(requested, at=timezone.now() + timedelta(days=1))
    requested.refresh_from_db()
    assert requested.state == RefundState.FAILED
    assert requested.idempotency_key in alert_messages(Order.objects.get())
    assert local_stripe.refunds() == []
    assert left_to_refund(payment) == 1999


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=1)])
def test_a_request_of_another_account_fails_and_alerts_staff(
    payment: Payment, local_stripe: LocalStripe, age: timedelta
) -> None:
    """The keys were replaced, so Stripe doesn't know the intent."""
    requested = Refund.objects.create(payment=payment, amount=500, reason="duplicate")
    local_stripe.reset()
    with suppress(NotFoundAtStripe):  # from the call, which is only made while the key is young
        resume(requested, at=timezone.now() + age)
    requested.refresh_from_db()
    assert requested.state == RefundState.FAILED
    assert requested.idempotency_key in alert_messages(Order.objects.get())


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=1)])
def test_a_request_of_an_account_without_keys_fails_and_alerts_staff(
    payment: Payment, age: timedelta
) -> None:
    """The shop has stopped selling in a currency, and its keys were removed from the settings."""
    requested = Refund.objects.create(payment=payment, amount=500, reason="duplicate")
    Payment.objects.update(account="GBP")
    with suppress(AccountNotSetUp):
        resume(Refund.objects.get(), at=timezone.now() + age)
    requested.refresh_from_db()
    assert requested.state == RefundState.FAILED
    assert requested.idempotency_key in alert_messages(Order.objects.get())


def test_a_refund_that_stripe_made_is_not_ended(payment: Payment) -> None:
    made = refund(payment, 500)
    end_refund(made, at=timezone.now())
    assert Refund.objects.get().state == RefundState.SUCCEEDED


def test_a_refused_refund_fails_and_alerts_staff(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    local_stripe.fail(path="/v1/refunds", method="POST", status=400)
    with pytest.raises(StripeRefused):
        refund(payment, 500, pieces=one_piece(payment), restock=True)
    assert Refund.objects.get().state == RefundState.FAILED
    assert Item.objects.get().stock == 0
    assert "did not make refund" in alert_messages(Order.objects.get())


def test_a_payment_without_an_intent_is_not_refunded(payment: Payment) -> None:
    Payment.objects.update(intent_id="")
    with pytest.raises(RefundTooLarge):
        refund(payment, 1)


def test_str_is_the_stripe_id_or_the_key(payment: Payment) -> None:
    made = refund(payment, 500)
    made.refresh_from_db()
    assert made.stripe_id
    assert str(made) == made.stripe_id
    made.stripe_id = ""
    assert str(made) == f"refund:{made.key}"
