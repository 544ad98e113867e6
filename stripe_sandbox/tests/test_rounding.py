from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from stripe_sandbox.money.rounding import (
    Rate,
    Rounding,
    fixed_shares,
    percent_shares,
    plain,
    rounded_taxes,
    tax,
    taxable,
)

subtotals = st.lists(st.integers(0, 10**9), min_size=1, max_size=20)
percents = st.decimals(Decimal("0.01"), Decimal(100), places=2)
rates = st.builds(Rate, st.decimals(0, 100, places=4), st.booleans())
roundings = st.builds(Rounding, st.sampled_from(["line", "sum"]), st.sampled_from(["line", "sum"]))


@given(subtotals, st.integers(1, 10**10))
def test_fixed_shares_add_up(lines: list[int], amount: int) -> None:
    shares = fixed_shares(lines, amount)
    assert sum(shares) == min(amount, sum(lines))
    assert all(0 <= share <= line for share, line in zip(shares, lines, strict=True))


@given(subtotals, percents, roundings)
def test_percentages_take_no_line_below_zero(
    lines: list[int], percent: Decimal, rounding: Rounding
) -> None:
    shares = percent_shares(lines, percent, rounding)
    assert all(0 <= share <= line for share, line in zip(shares, lines, strict=True))
    exact = sum(lines) * Fraction(percent) / 100
    assert abs(sum(shares) - exact) <= Fraction(len(lines), 2)


@given(subtotals, st.lists(rates, min_size=1, max_size=5), roundings)
def test_no_line_is_a_unit_off(lines: list[int], all_rates: list[Rate], rounding: Rounding) -> None:
    exact = [tax(line, all_rates[0], all_rates) for line in lines]
    rounded = rounded_taxes(exact, rounding)
    assert all(abs(r - e) <= 1 for r, e in zip(rounded, exact, strict=True))
    if rounding.tax == "sum":
        assert abs(sum(rounded) - sum(exact, Fraction())) <= Fraction(1, 2)


@given(st.integers(0, 10**9), st.lists(rates, max_size=5))
def test_inclusive_taxes_and_the_net_are_the_price(amount: int, all_rates: list[Rate]) -> None:
    contained = sum(tax(amount, rate, all_rates) for rate in all_rates if rate.inclusive)
    assert taxable(amount, all_rates) + contained == amount


def test_writes_numbers_without_trailing_zeros() -> None:
    assert [plain(Decimal(each)) for each in ("8.6250", "20", "100.0")] == ["8.625", "20", "100"]
