"""Forgetting a buyer deletes the personal data of old orders, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import CharField, Field, Model, TextField

from cart.models import Cause, HistoryKind, Order
from cart.signals import buyer_forgotten
from payments.models import Invoice, Refund, RefundState
from project.privacy import forget_buyer, summary
from tests.support.alerts import add_alert, resolve_alerts_of
from tests.support.privacy import (
    DELETED,
    EMAIL,
    NOW,
    OLD,
    PERSONAL,
    STRIPE,
    NewOrder,
    what_is_stored,
)

pytestmark = pytest.mark.django_db


def test_nothing_personal_is_left_of_an_old_order(
    paid_order: NewOrder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    order = paid_order()
    assert [text for text in PERSONAL if text.lower() not in what_is_stored().lower()] == []
    [decision] = forget_buyer(" ada.BUYER@mail.example", at=NOW, by="admin")
    assert not decision.why_kept
    assert summary([decision])[0] == DELETED % order.number
    assert summary([decision])[-1].startswith(STRIPE)
    assert [text for text in PERSONAL if text.lower() in what_is_stored().lower()] == []
    assert [text for text in PERSONAL if text.lower() in caplog.text.lower()] == []
    assert f"order {order.number}: the buyer's data was deleted" in caplog.text


# Everything that can be written into these is about the shop, an item, an amount or Stripe's id.
ABOUT_NO_BUYER = {
    "Order": ["token", "number", "discount_code", "language", "chosen_country"]
    + ["shipping_country", "shipping_rate_name", "shipping_delivery_time"],
    "OrderLine": ["name"],
    "OrderTax": ["display_name", "country"],
    "OrderStep": ["reference", "detail"],
    "OrderAlert": ["reason", "reference", "message", "resolved_by"],
    "Payment": ["account", "stripe_id", "intent_id", "coupon_id", "request_id"]
    + ["language", "shop_name"],
    "PaymentStep": ["reference", "detail"],
    "Refund": ["stripe_id", "requested_by"],
    "Dispute": ["stripe_id", "status"],
    "Invoice": ["number", "seller_name", "seller_address", "seller_tax_id"],
}


def rows_of(row: Model) -> Iterator[Model]:
    """The row, and all rows of other tables that belong to it."""
    yield row
    for relation in row._meta.related_objects:
        children = relation.related_model._base_manager.filter(**{relation.field.name: row})
        for child in children:
            yield from rows_of(child)


def text_columns(row: Model) -> list[Field]:
    fields = row._meta.concrete_fields
    return [each for each in fields if isinstance(each, CharField | TextField) and not each.choices]


def test_no_column_of_any_table_keeps_a_text_about_the_buyer(paid_order: NewOrder) -> None:
    """A new column with texts must be deleted, or named in ABOUT_NO_BUYER."""
    order = paid_order()
    order.taxes.create(display_name="VAT", percentage=20, amount=1, is_inclusive=True)
    order.note(Cause(HistoryKind.STAFF), at=OLD)
    add_alert(order, "Done")
    resolve_alerts_of(order)
    payment = order.payments.get()
    payment.history.create(at=OLD, from_state="open", to_state="open")
    Refund.objects.create(payment=payment, amount=1, state=RefundState.SUCCEEDED)
    payment.disputes.create(stripe_id="dp_1", status="won")
    Invoice.objects.issue(order, livemode=True)
    for row in rows_of(order):
        for column in text_columns(row):
            if column.name not in ("currency", "email"):
                text = f"pers-{row.pk}"[: column.max_length]
                type(row)._base_manager.filter(pk=row.pk).update(**{column.name: text})
    assert not forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept
    kept: dict[str, set[str]] = {}
    for row in rows_of(Order.objects.get()):
        for column in text_columns(row):
            if str(getattr(row, column.name)).startswith("pe"):
                kept.setdefault(type(row).__name__, set()).add(column.name)
    assert {name: sorted(columns) for name, columns in kept.items()} == {
        name: sorted(columns) for name, columns in ABOUT_NO_BUYER.items()
    }


def test_amounts_lines_numbers_and_country_stay(paid_order: NewOrder) -> None:
    order = paid_order()
    Invoice.objects.issue(order, livemode=True)
    forget_buyer(EMAIL, at=NOW, by="admin")
    left = Order.objects.get()
    names = ("number", "state", "total_amount", "shipping_amount", "shipping_country", "paid_at")
    assert all(getattr(left, name) == getattr(order, name) for name in names)
    assert str(left.lines.get()) == "1 × Stoneware mug"
    assert left.invoices.get().number == "INV-1001"
    assert left.payments.get().intent_id == f"pi_{order.pk}"
    assert left.history.get().cause == "staff admin forgot the buyer"


def test_other_buyers_and_orders_without_an_address_are_not_touched(paid_order: NewOrder) -> None:
    paid_order(email="another@mail.example")
    paid_order(email="")
    before = what_is_stored()
    for email in (EMAIL, "", "%", "@mail.example"):
        decisions = forget_buyer(email, at=NOW, by="admin")
        assert summary(decisions) == ["No order has this e-mail address."]
    assert what_is_stored() == before


def test_an_app_is_told_which_order_to_forget(
    paid_order: NewOrder, caplog: pytest.LogCaptureFixture
) -> None:
    told = []

    def fail(order: Order, **_values: Any) -> None:
        told.append(order)
        raise ValueError

    buyer_forgotten.connect(fail)
    try:
        order = paid_order()
        assert forget_buyer(EMAIL, at=NOW, by="admin")[0].why_kept == ""
    finally:
        buyer_forgotten.disconnect(fail)
    assert told == [order]
    assert Order.objects.get().email == ""
