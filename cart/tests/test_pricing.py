from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cart.pricing import AmountOff, Line, PercentOff, Shares, ShippingPrice, TaxRate, Totals, total

VAT_9 = TaxRate(Decimal(9), is_inclusive=False)
VAT_20 = TaxRate(Decimal(20), is_inclusive=False)
VAT_21_IN = TaxRate(Decimal(21), is_inclusive=True)
VAT_19_IN = TaxRate(Decimal(19), is_inclusive=True)
TWO_LINES = [(1000, 1), (2000, 1)]


@pytest.mark.parametrize(
    ("lines", "discount", "shipping", "taxes", "expected"),
    [
        ([(1999, 1)], PercentOff(Decimal(25)), None, [], (1999, 500, 0, (), 1499)),
        ([(333, 1)] * 3, PercentOff(Decimal(10)), None, [], (999, 100, 0, (), 899)),
        (TWO_LINES, AmountOff(500), None, [], (3000, 500, 0, (), 2500)),
        ([(1559, 4)], None, None, [VAT_9], (6236, 0, 0, (561,), 6797)),
        ([(166, 36)], None, None, [VAT_20], (5976, 0, 0, (1195,), 7171)),
        ([(37900, 2)], None, None, [VAT_21_IN], (75800, 0, 0, (13155,), 75800)),
        ([(1000, 1)], AmountOff(5000), None, [VAT_20], (1000, 1000, 0, (0,), 0)),
        (TWO_LINES, PercentOff(Decimal(10)), 490, [VAT_20], (3000, 300, 490, (638,), 3828)),
        (TWO_LINES, PercentOff(Decimal(10)), 490, [VAT_19_IN], (3000, 300, 490, (509,), 3190)),
        ([], PercentOff(Decimal(10)), None, [VAT_20], (0, 0, 0, (0,), 0)),
    ],
)
def test_the_worked_table(  # type: ignore[no-untyped-def]
    lines, discount, shipping, taxes, expected
) -> None:
    totals = total(
        lines=[Line(*line) for line in lines],
        discount=discount,
        taxes=taxes,
        shipping=ShippingPrice(shipping) if shipping else None,
    )
    shown = (totals.subtotal, totals.discount, totals.shipping, totals.taxes, totals.total)
    assert shown == expected
    check_shares(totals)


def check_shares(totals: Totals) -> None:
    """The shares of the lines and of shipping add up to the discount and to each tax."""
    shares = [*totals.shares, totals.shipping_share]
    assert sum(share.discount for share in shares) == totals.discount
    for index, amount in enumerate(totals.taxes):
        assert sum(share.taxes[index] for share in shares) == amount


def test_the_discount_is_spread_over_the_lines_and_shipping_as_the_last() -> None:
    totals = total(
        lines=[Line(1000, 1), Line(2000, 1)],
        discount=PercentOff(Decimal(10)),
        taxes=[VAT_20],
        shipping=ShippingPrice(490),
    )
    assert [share.discount for share in totals.shares] == [85, 171]
    assert totals.shipping_share == Shares(discount=44, taxes=(89,))


def test_a_discount_of_all_items_never_lowers_shipping() -> None:
    totals = total(
        lines=[Line(1000, 1)],
        discount=PercentOff(Decimal(100)),
        taxes=[],
        shipping=ShippingPrice(490),
    )
    assert (totals.discount, totals.total) == (1000, 490)


@pytest.mark.parametrize(("off", "shipping"), [(0, 0), (1, 0), (2, 490)])
def test_shipping_is_free_from_an_amount_counted_after_the_discount(
    off: int, shipping: int
) -> None:
    totals = total(
        lines=[Line(1000, 1)],
        discount=AmountOff(off),
        taxes=[],
        shipping=ShippingPrice(490, free_from_amount=999),
    )
    assert (totals.shipping, totals.total) == (shipping, 1000 - off + shipping)


def test_tax_is_on_the_discounted_amount_and_two_taxes_are_not_compounded() -> None:
    totals = total(lines=[Line(10000, 1)], discount=PercentOff(Decimal(10)), taxes=[VAT_20, VAT_9])
    assert totals.taxes == (1800, 810)
    assert totals.total == 9000 + 1800 + 810


def test_an_exclusive_rate_beside_an_inclusive_one_is_taken_on_the_net() -> None:
    totals = total(lines=[Line(12100, 1)], taxes=[VAT_21_IN, VAT_9])
    assert totals.taxes == (2100, 900)
    assert totals.total == 13000


@pytest.mark.parametrize("percent", [10, 35])
def test_lines_ending_in_05_33_and_99_add_up(percent: int) -> None:
    lines = [Line(105, 1), Line(233, 1), Line(399, 1)]
    totals = total(lines=lines, discount=PercentOff(Decimal(percent)), taxes=[VAT_20])
    assert totals.subtotal - totals.discount + sum(totals.taxes) == totals.total


def test_a_remainder_larger_than_the_last_line_goes_to_the_lines_before_it() -> None:
    lines = [Line(7301, 1), Line(5, 1), Line(1, 1)]
    rate = TaxRate(Decimal(100), is_inclusive=False)
    totals = total(lines=lines, discount=AmountOff(6551), taxes=[rate])
    assert totals.taxes == (7301 - 6545 + 5 - 5 + 1 - 1,)


LINES = st.lists(
    st.builds(Line, unit_amount=st.integers(0, 10**8), quantity=st.integers(1, 999)), max_size=8
)
PERCENT = st.decimals(Decimal("0.01"), 100, places=2)
DISCOUNT = st.one_of(
    st.none(), st.builds(PercentOff, PERCENT), st.builds(AmountOff, st.integers(1, 10**9))
)
RATE = st.builds(TaxRate, percentage=st.decimals(0, 100, places=4), is_inclusive=st.booleans())
TAXES = st.lists(RATE, max_size=3)
SHIPPING = st.one_of(
    st.none(),
    st.builds(ShippingPrice, st.integers(0, 10**6), st.one_of(st.none(), st.integers(0, 10**8))),
)


@given(lines=LINES, discount=DISCOUNT, taxes=TAXES, shipping=SHIPPING)
def test_the_amounts_add_up_exactly_and_none_is_negative(  # type: ignore[no-untyped-def]
    lines, discount, taxes, shipping
) -> None:
    totals = total(lines=lines, discount=discount, taxes=taxes, shipping=shipping)
    added = sum(a for a, r in zip(totals.taxes, taxes, strict=True) if not r.is_inclusive)
    assert totals.total == totals.subtotal - totals.discount + totals.shipping + added
    assert min(totals.total, totals.discount, totals.subtotal, *totals.taxes, 0) == 0
    assert totals.discount <= totals.subtotal
    check_shares(totals)
    parts = [*(line.subtotal for line in lines), totals.shipping]
    for part, share in zip(parts, [*totals.shares, totals.shipping_share], strict=True):
        assert 0 <= share.discount <= part


@given(lines=LINES, discount=DISCOUNT, taxes=TAXES, shipping=SHIPPING)
def test_shipping_never_changes_subtotal_and_discount(  # type: ignore[no-untyped-def]
    lines, discount, taxes, shipping
) -> None:
    sent = total(lines=lines, discount=discount, taxes=taxes, shipping=shipping)
    not_sent = total(lines=lines, discount=discount, taxes=taxes)
    assert (sent.subtotal, sent.discount) == (not_sent.subtotal, not_sent.discount)


@given(lines=LINES, discount=DISCOUNT, taxes=TAXES, shipping=SHIPPING)
def test_an_inclusive_tax_never_changes_the_total(  # type: ignore[no-untyped-def]
    lines, discount, taxes, shipping
) -> None:
    inclusive = [TaxRate(rate.percentage, is_inclusive=True) for rate in taxes]
    with_tax = total(lines=lines, discount=discount, taxes=inclusive, shipping=shipping)
    without = total(lines=lines, discount=discount, taxes=[], shipping=shipping)
    assert with_tax.total == without.total


@given(lines=LINES, discount=DISCOUNT, taxes=TAXES, seed=st.randoms())
def test_the_order_of_lines_changes_the_total_by_no_more_than_the_remainder(  # type: ignore[no-untyped-def]
    lines, discount, taxes, seed
) -> None:
    shuffled = list(lines)
    seed.shuffle(shuffled)
    one = total(lines=lines, discount=discount, taxes=taxes)
    other = total(lines=shuffled, discount=discount, taxes=taxes)
    assert (one.subtotal, one.discount) == (other.subtotal, other.discount)
    # The remainder is at most one unit per line; each rate (at most 100 %) rounds once per line.
    assert abs(one.total - other.total) <= 2 * len(lines) * len(taxes)


@pytest.mark.parametrize(("charge_step", "unit"), [(10, 1230), (100, 155_500)])
def test_every_amount_is_a_multiple_of_the_charge_step(charge_step: int, unit: int) -> None:
    """KWD 1.230 and ISK 1555 with 7 % off and 5 % tax: each amount is one that Stripe charges."""
    lines = [Line(unit, 1), Line(unit, 2)]
    for inclusive in (True, False):
        got = total(
            lines=lines,
            discount=PercentOff(Decimal(7)),
            taxes=[TaxRate(Decimal(5), inclusive)],
            charge_step=charge_step,
            shipping=ShippingPrice(unit * 4 // charge_step // 10 * charge_step),
        )
        amounts = (got.discount, got.shipping_share.discount, *got.taxes, got.total)
        assert [amount % charge_step for amount in amounts] == [0, 0, 0, 0]
        assert abs(got.discount - got.subtotal * 7 / 100) <= charge_step / 2
