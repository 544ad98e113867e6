"""An order keeps its personal data for years, and while something is open."""

from datetime import date
from typing import Any

import pytest

from cart.models import Order, ShippingAddress, State
from payments.models import Refund, RefundState
from project.privacy import forget_buyer, kept_until, summary
from tests.support.alerts import add_alert, resolve_alerts_of
from tests.support.privacy import EMAIL, KEPT, NOW, OLD, NewOrder, what_is_stored

pytestmark = pytest.mark.django_db


def test_an_order_is_kept_for_years_after_the_year_of_its_payment(
    paid_order: NewOrder, settings: Any
) -> None:
    old, young = paid_order(), paid_order(paid_at=KEPT)
    assert (kept_until(old), kept_until(young)) == (date(2035, 12, 31), date(2036, 12, 31))
    decisions = forget_buyer(EMAIL, at=NOW, by="admin")
    assert [(each.order, each.why_kept) for each in decisions] == [
        (old, ""),
        (young, "kept until Dec. 31, 2036"),
    ]
    assert f"Order {young} keeps its data: kept until Dec. 31, 2036." in summary(decisions)
    assert list(Order.objects.exclude(email="")) == [young]
    settings.RETENTION_YEARS = 9
    assert forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept == ""


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"state": State.PROCESSING, "paid_at": None}, "it isn’t paid yet"),
        ({"shipped_at": None}, "it isn’t shipped yet"),
    ],
)
def test_an_open_order_is_not_touched(
    paid_order: NewOrder, values: dict[str, Any], reason: str
) -> None:
    paid_order(**values)
    before = what_is_stored()
    assert [each.why_kept for each in forget_buyer(EMAIL, at=NOW, by="admin")] == [reason]
    assert what_is_stored() == before


@pytest.mark.parametrize("payment", [{"state": "open"}, {"state": "failed", "awaits_buyer": True}])
def test_an_order_that_may_still_be_paid_is_not_touched(
    paid_order: NewOrder, payment: dict[str, Any]
) -> None:
    order = paid_order(state=State.CANCELLED, paid_at=None)
    order.payments.update(**payment)
    assert forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept == "it isn’t paid yet"


def test_an_order_for_which_no_money_arrived_is_forgotten(paid_order: NewOrder) -> None:
    order = paid_order(state=State.CANCELLED, paid_at=None, shipped_at=None)
    order.payments.update(state="failed")
    add_alert(order, "Look at it")
    needs_attention = "it needs attention: deal with its alerts first"
    assert forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept == needs_attention
    resolve_alerts_of(order)
    assert forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept == ""


def test_money_that_did_not_pay_its_order_keeps_it_for_years(paid_order: NewOrder) -> None:
    order = paid_order(state=State.CHECKOUT, paid_at=None, shipped_at=None)
    Order.objects.update(updated_at=KEPT)
    decisions = forget_buyer(EMAIL, at=NOW, by="admin")
    assert [each.why_kept for each in decisions] == ["kept until Dec. 31, 2036"]
    Order.objects.update(updated_at=OLD)
    assert forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept == ""
    assert not ShippingAddress.objects.filter(order=order).exists()


@pytest.mark.parametrize("values", [{"needs_shipping": False}, {"refunded_amount": 2489}])
def test_an_order_that_need_not_be_sent_is_over(
    paid_order: NewOrder, values: dict[str, Any]
) -> None:
    paid_order(shipped_at=None, **values)
    assert [each.why_kept for each in forget_buyer(EMAIL, at=NOW, by="admin")] == [""]


def test_an_order_with_an_open_alert_is_not_touched(paid_order: NewOrder) -> None:
    order = paid_order()
    add_alert(order, "Paid twice. Refund one.")
    [decision] = forget_buyer(EMAIL, at=NOW, by="admin")
    assert decision.why_kept == "it needs attention: deal with its alerts first"
    order.alerts.update(resolved_at=NOW)
    assert forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept == ""


def test_an_order_with_a_refund_on_its_way_is_not_touched(paid_order: NewOrder) -> None:
    payment = paid_order().payments.get()
    refund = Refund.objects.create(payment=payment, amount=1, state=RefundState.PENDING)
    assert forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept == "a refund is on its way"
    Refund.objects.filter(pk=refund.pk).update(state=RefundState.SUCCEEDED)
    assert forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept == ""
