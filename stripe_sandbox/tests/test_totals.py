"""Totals of sessions, in worked examples. A line is (unit amount, quantity)."""

from itertools import product
from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import (
    create,
    fixed_coupon,
    line,
    percent_coupon,
    refusal,
    tax_rate,
    taxed,
)

type Lines = list[tuple[int, int]]
type Figures = tuple[int, int, int, int]

BOTH = list(product(("line", "sum"), ("line", "sum")))


def figures(session: stripe.checkout.Session) -> Figures:
    """Subtotal, discount, tax, total."""
    assert session.amount_subtotal is not None
    assert session.amount_total is not None
    details = session.total_details
    assert details is not None
    return (
        session.amount_subtotal,
        details.amount_discount,
        details.amount_tax or 0,
        session.amount_total,
    )


def order(lines: Lines, coupon: str | None = None, *rates: str) -> stripe.checkout.Session:
    return create(
        line_items=[taxed(*rates, unit_amount=each, quantity=count) for each, count in lines],
        expand=["line_items", "line_items.data.taxes", "total_details.breakdown"],
        **{"discounts": [{"coupon": coupon}]} if coupon else {},
    )


def lines_of(session: stripe.checkout.Session) -> list[Any]:
    assert session.line_items is not None
    return session.line_items.data


@pytest.mark.parametrize(("tax_rounding", "percent_rounding"), BOTH)
@pytest.mark.parametrize(
    ("lines", "percent", "fixed", "tax", "expected"),
    [
        ([(1999, 1)], 25, None, None, (1999, 500, 0, 1499)),
        ([(1000, 1), (2000, 1)], None, 500, None, (3000, 500, 0, 2500)),
        ([(1559, 4)], None, None, (9, False), (6236, 0, 561, 6797)),
        ([(166, 36)], None, None, (20, False), (5976, 0, 1195, 7171)),
        ([(37900, 2)], None, None, (21, True), (75800, 0, 13155, 75800)),
        ([(1000, 1)], None, 5000, (20, False), (1000, 1000, 0, 0)),
        ([(500, 1)], 10, None, (5, False), (500, 50, 23, 473)),
        ([(250, 4)], None, None, (8.625, False), (1000, 0, 86, 1086)),
        ([(1, 999)], 100, None, (20, True), (999, 999, 0, 0)),
    ],
)
def test_both_roundings_agree(
    local_stripe: LocalStripe,
    tax_rounding: str,
    percent_rounding: str,
    lines: Lines,
    percent: float | None,
    fixed: int | None,
    tax: tuple[float, bool] | None,
    expected: Figures,
) -> None:
    local_stripe.configure(tax_rounding=tax_rounding, percent_rounding=percent_rounding)
    coupon = percent_coupon(percent) if percent else fixed_coupon(fixed) if fixed else None
    rates = [tax_rate(tax[0], inclusive=tax[1])] if tax else []
    assert figures(order(lines, coupon, *rates)) == expected


@pytest.mark.parametrize(
    ("rounding", "expected"), [("sum", (999, 100, 0, 899)), ("line", (999, 99, 0, 900))]
)
def test_rounds_a_percentage(local_stripe: LocalStripe, rounding: str, expected: Figures) -> None:
    local_stripe.configure(percent_rounding=rounding)
    session = order([(333, 1)] * 3, percent_coupon(10))
    assert figures(session) == expected
    shares = [33, 33, 34] if rounding == "sum" else [33, 33, 33]
    assert [each.amount_discount for each in lines_of(session)] == shares


@pytest.mark.parametrize(("rounding", "tax"), [("line", 96), ("sum", 95)])
def test_rounds_inclusive_tax(local_stripe: LocalStripe, rounding: str, tax: int) -> None:
    local_stripe.configure(tax_rounding=rounding)
    session = order([(1000, 1), (50, 1)], None, tax_rate(10, inclusive=True))
    assert figures(session) == (1050, 0, tax, 1050)
    assert sum(each.amount_tax for each in lines_of(session)) == tax


@pytest.mark.parametrize(("rounding", "tax"), [("line", 88), ("sum", 86)])
def test_rounds_exclusive_tax(local_stripe: LocalStripe, rounding: str, tax: int) -> None:
    local_stripe.configure(tax_rounding=rounding)
    session = order([(250, 1)] * 4, None, tax_rate(8.625))
    assert figures(session) == (1000, 0, tax, 1000 + tax)
    assert sum(each.amount_total for each in lines_of(session)) == 1000 + tax


@pytest.mark.usefixtures("local_stripe")
def test_default_rounding_is_tax_by_line_and_percent_on_the_sum(local_stripe: LocalStripe) -> None:
    configuration = local_stripe.http.get("/_sandbox/config").json()
    assert configuration["tax_rounding"] == "line"
    assert configuration["percent_rounding"] == "sum"


@pytest.mark.parametrize("name", ["tax_rounding", "percent_rounding"])
@pytest.mark.parametrize("value", ["invoice", "", None, 1])
def test_refuses_an_unknown_rounding(local_stripe: LocalStripe, name: str, value: object) -> None:
    assert local_stripe.tell("config", **{name: value}).status_code == 400


@pytest.mark.usefixtures("local_stripe")
def test_spreads_a_fixed_amount_over_the_lines() -> None:
    session = order([(1000, 1), (2000, 1)], fixed_coupon(500))
    assert [each.amount_discount for each in lines_of(session)] == [166, 334]
    assert [each.amount_total for each in lines_of(session)] == [834, 1666]


@pytest.mark.usefixtures("local_stripe")
def test_takes_no_line_below_zero() -> None:
    session = order([(333, 1), (333, 1), (333, 1), (1, 1)], fixed_coupon(500))
    assert [each.amount_discount for each in lines_of(session)] == [166, 166, 167, 1]


@pytest.mark.usefixtures("local_stripe")
def test_takes_several_rates_of_the_same_net() -> None:
    """With 20 % and 5 % inclusive, 1250 is 1000 net; 10 % of that is added."""
    rates = [tax_rate(20, inclusive=True), tax_rate(5, inclusive=True), tax_rate(10)]
    session = order([(1250, 1)], None, *rates)
    assert figures(session) == (1250, 0, 350, 1350)
    assert session.total_details is not None
    assert session.total_details.breakdown is not None
    taxes = session.total_details.breakdown.taxes
    assert [(each.rate.id, each.amount) for each in taxes] == [
        (rates[0], 200),
        (rates[1], 50),
        (rates[2], 100),
    ]
    assert [each.taxable_amount for each in lines_of(session)[0].taxes] == [1000, 1000, 1000]


@pytest.mark.usefixtures("local_stripe")
def test_taxes_only_the_lines_that_have_the_rate() -> None:
    session = create(line_items=[taxed(tax_rate(20), unit_amount=1000), line(unit_amount=1000)])
    assert figures(session) == (2000, 0, 200, 2200)


@pytest.mark.usefixtures("local_stripe")
def test_breaks_the_discount_down() -> None:
    coupon = fixed_coupon(500, name="Spring")
    session = create(
        discounts=[{"coupon": coupon}],
        expand=["line_items.data.discounts", "total_details.breakdown.discounts.discount"],
    )
    assert session.total_details is not None
    assert session.total_details.breakdown is not None
    [whole] = session.total_details.breakdown.discounts
    [part] = lines_of(session)[0].discounts
    assert (whole.amount, part.amount) == (500, 500)
    assert whole.discount.source.coupon == coupon
    assert whole.discount.checkout_session == session.id


@pytest.mark.usefixtures("local_stripe")
def test_breaks_down_only_when_expanded() -> None:
    session = create(expand=["line_items"])
    assert session.total_details is not None
    assert "breakdown" not in session.total_details
    assert "taxes" not in lines_of(session)[0]


@pytest.mark.usefixtures("local_stripe")
def test_breaks_down_the_lines_of_a_list() -> None:
    rate = tax_rate(20)
    session = create(line_items=[taxed(rate)], discounts=[{"coupon": percent_coupon(10)}])
    [only] = stripe.checkout.Session.list_line_items(
        session.id, expand=["data.taxes", "data.discounts"]
    ).data
    assert only.taxes is not None
    assert (only.taxes[0].rate.id, only.taxes[0].amount) == (rate, 360)
    assert only.discounts is not None
    assert only.discounts[0].amount == 200


@pytest.mark.usefixtures("local_stripe")
def test_minimum_counts_after_discount_and_tax() -> None:
    coupon = fixed_coupon(1960)
    assert refusal(discounts=[{"coupon": coupon}]).code == "amount_too_small"
    enough = [taxed(tax_rate(30))]
    assert create(discounts=[{"coupon": coupon}], line_items=enough).amount_total == 51


def test_free_session_needs_no_card(local_stripe: LocalStripe) -> None:
    session = create(discounts=[{"coupon": percent_coupon(100)}], line_items=[taxed(tax_rate(20))])
    assert (session.amount_total, session.payment_status) == (0, "no_payment_required")
    assert 'name="card"' not in local_stripe.http.get(str(session.url)).text
    local_stripe.pay(session, card="")
    done = stripe.checkout.Session.retrieve(session.id)
    assert (done.status, done.payment_status) == ("complete", "no_payment_required")
    assert done.payment_intent is None


def test_event_has_the_totals(local_stripe: LocalStripe) -> None:
    session = create(discounts=[{"coupon": percent_coupon(10)}], line_items=[taxed(tax_rate(20))])
    local_stripe.pay(session)
    [event] = stripe.Event.list(type="checkout.session.*").data
    assert event.data.object["total_details"].to_dict() == {
        "amount_discount": 200,
        "amount_shipping": 0,
        "amount_tax": 360,
    }
    intent = stripe.PaymentIntent.retrieve(event.data.object["payment_intent"])
    assert intent.amount_received == session.amount_total == 2159
