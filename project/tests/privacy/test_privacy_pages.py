"""The commands and the admin forget a buyer and export what is kept."""

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from cart.models import Cause, HistoryKind, Order
from payments.admin.orders import MOST_CHOSEN
from payments.models import Invoice, Refund, RefundState
from tests.support.alerts import add_alert
from tests.support.privacy import (
    DELETED,
    EMAIL,
    KEPT,
    LONG_AGO,
    PERSONAL,
    NewOrder,
)

pytestmark = pytest.mark.django_db


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
    assert "They can’t be restored." in page
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


@pytest.mark.parametrize("action", ["export_buyers", "forget_buyers"])
def test_too_many_orders_are_refused(admin_client: Client, action: str) -> None:
    made = Order.objects.bulk_create(Order(currency="USD") for _ in range(MOST_CHOSEN + 1))
    chosen = {"action": action, "_selected_action": [order.pk for order in made]}
    page = admin_client.post("/admin/cart/order/?state=cart", chosen, follow=True).text
    assert "This works with at most 900 orders at once." in page


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
