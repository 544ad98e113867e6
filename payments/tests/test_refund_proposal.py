"""payments.refunds.proposal: piece by piece, the proposed amounts add up to the total."""

from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cart.models import Discount, Order, OrderLine, State
from cart.pricing import AmountOff, Line, PercentOff, TaxRate, total
from payments.models import Payment, Refund
from payments.refunds import request_refund
from payments.refunds.proposal import RefundableLine, refundable, spread_total
from tests.support.carts import add_tax
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, paid_cart

RATE = st.builds(TaxRate, st.decimals(0, 100, places=4).map(Decimal), is_inclusive=st.booleans())
DISCOUNT = st.one_of(
    st.none(),
    st.builds(PercentOff, st.decimals(0, 100, places=2).map(Decimal)),
    st.builds(AmountOff, st.integers(0, 20_000).map(lambda amount: amount * 100)),
)


@given(
    lines=st.lists(st.tuples(st.integers(0, 9_999), st.integers(1, 12)), min_size=1, max_size=5),
    discount=DISCOUNT,
    rates=st.lists(RATE, max_size=3),
    step=st.sampled_from([1, 10, 100]),
    random=st.randoms(use_true_random=False),
)
def test_the_pieces_of_every_order_add_up_to_its_total(
    lines: list[tuple[int, int]],
    discount: PercentOff | AmountOff | None,
    rates: list[TaxRate],
    step: int,
    random: Random,
) -> None:
    priced = [Line(unit * step, quantity) for unit, quantity in lines]
    totals = total(lines=priced, discount=discount, taxes=rates, charge_step=step)
    parts = [
        line.subtotal
        - share.discount
        + sum(tax for tax, rate in zip(share.taxes, rates, strict=True) if not rate.is_inclusive)
        for line, share in zip(priced, totals.shares, strict=True)
    ]
    amounts = list(spread_total(totals.total, parts, step))
    assert amounts == parts
    refunded = 0
    for line, amount in zip(priced, amounts, strict=True):
        refunded += refund_in_parts(line.quantity, amount, step, random)
    assert refunded == totals.total


def refund_in_parts(quantity: int, paid: int, step: int, random: Random) -> int:
    """Refunds a line a few pieces at a time. Some refunds fail, and their pieces are left again."""
    line = OrderLine(quantity=quantity)
    parts: list[tuple[int, int]] = []
    failures = iter(range(3))
    while left := (now := state_of(line, paid, step, parts)).left_quantity:
        pieces = random.randint(1, left)
        amount = now.proposal(pieces)
        assert 0 <= amount <= paid
        assert amount % step == 0
        if parts and random.random() < 0.3 and next(failures, None) is not None:
            parts.remove(random.choice(parts))
        else:
            parts.append((pieces, amount))
    return sum(amount for _pieces, amount in parts)


def state_of(line: OrderLine, paid: int, step: int, parts: list[tuple[int, int]]) -> RefundableLine:
    pieces, amount = (sum(column) for column in zip(*parts, strict=True)) if parts else (0, 0)
    return RefundableLine(line, paid, step, pieces, amount)


@given(
    amount=st.integers(0, 10_000),
    parts=st.lists(st.integers(0, 1_000), min_size=1, max_size=5).filter(any),
    step=st.sampled_from([1, 10, 100]),
)
def test_a_total_that_is_not_the_sum_of_its_lines_is_spread_over_them(
    amount: int, parts: list[int], step: int
) -> None:
    amounts = list(spread_total(amount * step, parts, step))
    assert sum(amounts) == amount * step
    assert all(each >= 0 and each % step == 0 for each in amounts)


def test_an_order_of_free_pieces_has_nothing_to_spread() -> None:
    assert list(spread_total(0, [0, 0], 1)) == [0, 0]


@pytest.mark.parametrize(
    ("sequence", "currency", "price"),
    [
        ("0123456", "USD", "3.33"),
        ("6543210", "USD", "3.33"),
        ("3041526", "ISK", "333"),
        ("3041526", "KWD", "3.33"),
    ],
)
def test_an_order_with_a_discount_and_taxes_is_refunded_piece_by_piece(
    make_item: Any, local_stripe: LocalStripe, sequence: str, currency: str, price: str
) -> None:
    """Through the stored shares and Stripe, which refuses a cent more than was paid."""
    Discount.objects.create(code="ODD", percent=Decimal("7.77"))
    add_tax("19.6")
    add_tax("5.5", is_inclusive=True)
    values = {"price": Decimal(price), "currency": currency}
    mug, pot = (make_item(name=f"{n} pieces", stock=n, **values) for n in (3, 4))
    payment = paid_cart({mug: 3, pot: 4}, local_stripe, code="ODD")
    pieces = [line.pk for line in payment.order.lines.all() for _piece in range(line.quantity)]
    lines = [pieces[int(place)] for place in sequence]
    for number, line in enumerate(lines, start=1):
        refund_pieces(payment, {line: 1}, UUID(int=number))
        if number == 4:
            fail(payment, Refund.objects.latest("pk"), local_stripe)
            lines.append(line)
    assert Order.objects.get().is_refunded
    assert refundable(payment).pieces == {}
    mug.refresh_from_db()
    pot.refresh_from_db()
    assert (mug.stock, pot.stock) == (3, 4)


def refund_pieces(payment: Payment, pieces: dict[int, int], key: UUID) -> Refund:
    payment.refresh_from_db()
    return request_refund(
        payment=payment,
        key=key,
        amount=refundable(payment).proposal(pieces),
        reason="duplicate",
        pieces=pieces,
        restock=True,
        by="ada",
        at=timezone.now(),
    )


def fail(payment: Payment, refund: Refund, local_stripe: LocalStripe) -> None:
    local_stripe.finish_refund(refund.stripe_id, "failed")
    look_again(payment)


def test_an_order_that_was_paid_as_a_cart_proposes_what_was_paid(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    """Its lines have the prices of the cart, and no shares."""
    payment = paid_cart({make_item(): 2, make_item(name="Pot"): 1}, local_stripe)
    Order.objects.update(total_amount=1000)
    Payment.objects.update(amount=1000)
    payment.refresh_from_db()
    left = refundable(payment)
    assert [line.paid_amount for line in left.lines] == [666, 334]
    assert left.proposal(left.pieces) == 1000


def test_at_most_what_is_left_is_proposed(make_item: Any, local_stripe: LocalStripe) -> None:
    payment = paid_cart({make_item(): 2}, local_stripe)
    local_stripe.refund(payment.intent_id, 3000)
    look_again(payment)
    left = refundable(payment)
    assert (left.left_amount, left.proposal(left.pieces)) == (998, 998)


def test_an_order_that_is_not_paid_has_no_pieces(make_item: Any, local_stripe: LocalStripe) -> None:
    payment = paid_cart({make_item(): 2}, local_stripe)
    payment.order.state = State.CHECKOUT
    assert refundable(payment).lines == []
