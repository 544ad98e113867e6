"""Forgetting a buyer deletes the personal data of old orders, and nothing else."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db.models import CharField, Field, Model, TextField
from django.test import Client
from django.utils import timezone

from cart.models import Cause, HistoryKind, Order, ShippingAddress, State
from cart.signals import buyer_forgotten
from notifications.models import Mail, MailReason
from payments.models import Invoice, Refund, RefundState
from project.privacy import forget_buyer, kept_until, summary
from store.models import Item
from tests.support.alerts import add_alert, resolve_alerts_of

pytestmark = pytest.mark.django_db
EMAIL = "Ada.Buyer@Mail.example"
PERSONAL = [
    *("ada.buyer", "Ada Lovelace", "Elm Street 1", "2nd floor", "55512345", "99999", "Springtown"),
    *("RX-1234", "carrier.example", "rang twice", "visitor-key", "pay.example"),
]
NOW = datetime(2036, 1, 1, 12, tzinfo=UTC)
OLD = datetime(2025, 12, 31, 12, tzinfo=UTC)
LONG_AGO = datetime(2010, 6, 1, 12, tzinfo=UTC)
KEPT = datetime(2026, 1, 1, 12, tzinfo=UTC)
DELETED = "Deleted: e-mail, name, shipping address, phone, tracking, mails and staff notes of %s."
STRIPE = "Stripe keeps its own data: redact the payments there, see https://docs.stripe.com/privacy"
type NewOrder = Callable[..., Order]


@pytest.fixture
def paid_order(item: Item) -> NewOrder:
    """Makes paid orders with all that an order can say about its buyer."""

    def make(**values: Any) -> Order:
        defaults = {
            "state": State.PAID,
            "currency": "USD",
            "total_amount": 2489,
            "subtotal_amount": 1999,
            "shipping_amount": 490,
            "shipping_country": "DE",
            "needs_shipping": True,
            "shipped_at": OLD,
            "tracking_number": "RX-1234",
            "tracking_url": "https://carrier.example/RX-1234",
            "email": EMAIL,
            "buyer_name": "Ada Lovelace",
            "visitor": "visitor-key",
            "paid_at": OLD,
        }
        order = Order.objects.create(**(defaults | values))
        order.lines.create(item=item, quantity=1, name=item.name, unit_amount=1999)
        order.staff_notes.create(text="She rang twice.", written_by="admin")
        ShippingAddress.objects.create(
            order=order,
            name="Ada Lovelace",
            phone="55512345",
            line1="Elm Street 1",
            line2="2nd floor",
            postal_code="99999",
            city="Springtown",
            country="DE",
        )
        Mail.objects.create(
            order=order,
            reason=MailReason.ORDER_CONFIRMED,
            to=order.email or "staff@shop.example",
            last_error=f"550 {order.email}: mailbox is full",
        )
        Mail.objects.create(order=order, reason=MailReason.NEW_ORDER)
        order.payments.create(
            account="default",
            livemode=False,
            stripe_id=f"cs_test_{order.pk}",
            intent_id=f"pi_{order.pk}",
            amount=2489,
            currency="USD",
            state="succeeded",
            expires_at=OLD,
            instructions_url="https://pay.example/voucher",
        )
        return order

    return make


def what_is_stored() -> str:
    """All rows of the database, as a text."""
    out = StringIO()
    call_command("dumpdata", stdout=out)
    return out.getvalue()


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


def test_command_says_what_it_did(paid_order: NewOrder, capsys: pytest.CaptureFixture[str]) -> None:
    year = timezone.localdate().year
    old = paid_order(paid_at=LONG_AGO)
    young = paid_order(paid_at=timezone.now())
    call_command("forget_buyer", EMAIL.upper())
    assert capsys.readouterr().out.splitlines() == [
        DELETED % old,
        f"Order {young} keeps its data: kept until Dec. 31, {year + 10}.",
        "Stripe keeps its own data: redact the payments there, see "
        "https://docs.stripe.com/privacy/redaction",
    ]


def test_export_has_all_that_is_kept(
    paid_order: NewOrder, capsys: pytest.CaptureFixture[str]
) -> None:
    order = paid_order(paid_at=KEPT)
    Invoice.objects.issue(order, livemode=True)
    order.note(Cause(HistoryKind.SHIPPED, "admin"), at=KEPT)
    order.taxes.create(display_name="VAT", percentage=20, amount=1, is_inclusive=True)
    add_alert(order, "Paid twice")
    Refund.objects.create(payment=order.payments.get(), amount=7, state=RefundState.SUCCEEDED)
    paid_order(email="another@mail.example")
    call_command("export_buyer", EMAIL.upper())
    text = capsys.readouterr().out
    internal = {"visitor-key"}
    assert [each for each in PERSONAL if each.lower() not in text.lower()] == [
        each for each in PERSONAL if each in internal
    ]
    [found] = json.loads(text)["orders"]
    assert found["number"] == order.number
    assert found["kept_until"] == "2036-12-31"
    assert found["lines"] == [{"name": "Stoneware mug", "quantity": 1, "unit_amount": 1999}]
    assert found["invoices"] == ["INV-1001"]
    assert [each["reason"] for each in found["mails"]] == ["order_confirmed"]
    assert found["payments"][0]["intent_id"] == f"pi_{order.pk}"
    assert [each["amount"] for each in found["refunds"]] == [7]
    assert [each["kind"] for each in found["history"]] == ["shipped"]
    assert [each["message"] for each in found["alerts"]] == ["Paid twice"]
    assert [each["display_name"] for each in found["taxes"]] == ["VAT"]
    assert "admin" not in text


def test_staff_are_asked_before_a_buyer_is_forgotten(
    admin_client: Client, paid_order: NewOrder
) -> None:
    chosen, other = paid_order(paid_at=LONG_AGO), paid_order(paid_at=timezone.now())
    form = {"action": "forget_buyers", "_selected_action": [chosen.pk]}
    page = admin_client.post("/admin/cart/order/", form).content.decode()
    assert "Nothing brings them back." in page
    assert str(other) in page
    assert Order.objects.filter(email=EMAIL).count() == 2
    answer = admin_client.post(
        "/admin/cart/order/", form | {"is_confirmed": "yes"}, follow=True
    ).content.decode()
    assert DELETED % chosen in answer
    assert f"Order {other} keeps its data" in answer
    assert Order.objects.filter(email=EMAIL).get() == other
    again = admin_client.post("/admin/cart/order/", form, follow=True).content.decode()
    assert "These orders have no e-mail address." in again


def test_staff_export_what_is_kept(admin_client: Client, paid_order: NewOrder) -> None:
    orders = [paid_order(), paid_order(email=EMAIL.lower())]
    form = {"action": "export_buyers", "_selected_action": [each.pk for each in orders]}
    answer = admin_client.post("/admin/cart/order/", form)
    assert answer["Content-Disposition"] == 'attachment; filename="buyer.json"'
    [buyer] = answer.json()["buyers"]
    assert [each["number"] for each in buyer["orders"]] == [each.number for each in orders]


def test_only_staff_with_the_right_may_forget(client: Client, paid_order: NewOrder) -> None:
    order = paid_order(paid_at=LONG_AGO)
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(user)
    form = {"action": "forget_buyers", "_selected_action": [order.pk], "is_confirmed": "yes"}
    page = client.get("/admin/cart/order/").content.decode()
    assert "export_buyers" in page
    assert "forget_buyers" not in page
    client.post("/admin/cart/order/", form)
    assert Order.objects.get().email == EMAIL
    user.user_permissions.add(Permission.objects.get(codename="delete_order"))
    client.post("/admin/cart/order/", form)
    assert Order.objects.get().email == ""
