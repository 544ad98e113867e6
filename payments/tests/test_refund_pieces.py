"""payments.refunds: pieces return to the stock with the refund that gives them back, once."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order, State
from payments.models import Payment, PaymentState, Refund, RefundState
from payments.refunds import PaymentDisputed, PiecesRefundedAlready, request_refund, resume
from payments.refunds.proposal import refundable
from payments.stripe_api.errors import StripeUnavailable
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, notes_of, paid_cart

MUG_AMOUNT = 1625


@pytest.fixture
def mug(make_item: Any) -> Item:
    made: Item = make_item(stock=4, price="16.25")
    return made


@pytest.fixture
def four_mugs(mug: Item, local_stripe: LocalStripe) -> Payment:
    """An order of 65.00 that took the whole stock."""
    return paid_cart({mug: 4}, local_stripe)


def give_back(payment: Payment, quantity: int, amount: int = MUG_AMOUNT, **values: Any) -> Refund:
    line = payment.order.lines.get()
    fields: dict[str, Any] = {"key": uuid4(), "reason": "duplicate", "restock": True, "by": "ada"}
    return request_refund(
        payment=payment,
        amount=amount,
        pieces={line.pk: quantity} if quantity else {},
        at=timezone.now(),
        **fields | values,
    )


def stock(item: Item) -> int | None:
    item.refresh_from_db()
    return item.stock


def test_exactly_the_chosen_pieces_return(four_mugs: Payment, mug: Item) -> None:
    give_back(four_mugs, 1, amount=500)
    assert stock(mug) == 1
    line = four_mugs.order.lines.get()
    assert (line.quantity, line.held_quantity) == (4, 3)
    four_mugs.refresh_from_db()
    assert refundable(four_mugs).pieces == {line.pk: 3}
    assert "1 × Mug" in notes_of(four_mugs.order)[0]


def test_an_amount_alone_returns_nothing(four_mugs: Payment, mug: Item) -> None:
    give_back(four_mugs, 0, amount=500)
    assert stock(mug) == 0
    assert refundable(four_mugs).pieces == {four_mugs.order.lines.get().pk: 4}


def test_broken_pieces_are_refunded_without_returning(four_mugs: Payment, mug: Item) -> None:
    give_back(four_mugs, 1, restock=False)
    give_back(four_mugs, 2)
    assert stock(mug) == 2
    with pytest.raises(PiecesRefundedAlready):
        give_back(four_mugs, 2)


def test_pieces_return_when_stripe_has_made_the_refund(
    four_mugs: Payment, mug: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.max_network_retries", 0)
    local_stripe.fail(path="/v1/refunds", drop="before")
    with pytest.raises(StripeUnavailable):
        give_back(four_mugs, 1)
    assert stock(mug) == 0
    with pytest.raises(PiecesRefundedAlready):  # the requested one is waiting
        give_back(four_mugs, 4)
    for _ in range(2):
        resume(Refund.objects.get(), at=timezone.now())
        assert stock(mug) == 1


def test_a_refund_that_is_pending_first_returns_its_pieces_once(
    four_mugs: Payment, mug: Item, local_stripe: LocalStripe
) -> None:
    local_stripe.configure(refunds="pending")
    refund = give_back(four_mugs, 2)
    assert (refund.state, stock(mug)) == (RefundState.PENDING, 2)
    local_stripe.finish_refund(refund.stripe_id, "succeeded")
    look_again(four_mugs)
    refund.refresh_from_db()
    assert (refund.state, stock(mug)) == (RefundState.SUCCEEDED, 2)


def test_the_pieces_of_a_refund_that_failed_later_return_once(
    four_mugs: Payment, mug: Item, local_stripe: LocalStripe
) -> None:
    """They stay in the stock. Their money can be refunded again, and pieces after them return."""
    refund = give_back(four_mugs, 1)
    local_stripe.finish_refund(refund.stripe_id, "failed")
    look_again(four_mugs)
    assert stock(mug) == 1
    give_back(four_mugs, 1)
    assert stock(mug) == 1
    give_back(four_mugs, 3, amount=3 * MUG_AMOUNT)
    assert stock(mug) == 4
    assert Order.objects.get().is_refunded


def test_a_failed_refund_returns_its_pieces_once_after_broken_ones(
    four_mugs: Payment, mug: Item, local_stripe: LocalStripe
) -> None:
    """The two broken mugs never return, so they make no room for others."""
    give_back(four_mugs, 2, restock=False)
    refund = give_back(four_mugs, 2)
    local_stripe.finish_refund(refund.stripe_id, "failed")
    look_again(four_mugs)
    give_back(four_mugs, 2)
    assert stock(mug) == 2


def test_pieces_that_took_no_stock_return_none(make_item: Any, local_stripe: LocalStripe) -> None:
    endless = make_item()
    payment = paid_cart({endless: 2}, local_stripe)
    give_back(payment, 2)
    assert stock(endless) is None


def test_a_free_order_is_given_back_by_a_refund_of_0(mug: Item, local_stripe: LocalStripe) -> None:
    Discount.objects.create(code="GIFT", percent=100)
    payment = paid_cart({mug: 3}, local_stripe, code="gift")
    key = uuid4()
    for _ in range(2):
        refund = give_back(payment, 2, amount=0, key=key)
    assert (refund.amount, refund.state, stock(mug)) == (0, RefundState.SUCCEEDED, 3)
    order = look_again(payment)
    assert (order.state, order.refunded_amount, payment.state) == (
        State.PAID,
        0,
        PaymentState.SUCCEEDED,
    )
    assert "2 × Mug" in notes_of(order)[0]
    assert local_stripe.requests("POST", "/v1/refunds") == []


def test_the_receipt_of_a_free_order_that_was_given_back_says_paid(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="GIFT", percent=100)
    payment = paid_cart({mug: 1}, local_stripe, code="gift")
    give_back(payment, 1, amount=0)
    page = client.get(payment.order.get_absolute_url()).content.decode()
    assert "Paid" in page
    assert "We refunded" not in page


def test_a_disputed_payment_is_not_refunded_but_its_pieces_can_return(
    four_mugs: Payment, mug: Item, local_stripe: LocalStripe
) -> None:
    dispute_id = local_stripe.dispute(four_mugs.intent_id)
    order = look_again(four_mugs)
    with pytest.raises(PaymentDisputed):
        give_back(four_mugs, 1)
    assert not Refund.objects.exists()
    assert "don’t refund it here" in alert_messages(order)
    give_back(four_mugs, 1, amount=0)
    assert stock(mug) == 1
    local_stripe.close_dispute(dispute_id, "won")
    look_again(four_mugs)
    give_back(four_mugs, 1)
    assert stock(mug) == 2
