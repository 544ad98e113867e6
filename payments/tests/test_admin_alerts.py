"""Alerts in the admin: staff see them first and resolve them."""

from django.contrib.auth.models import Permission, User
from django.test import Client

from cart.models import Order
from payments.models import Payment
from store.models import Item
from tests.support.alerts import add_alert, alert_messages
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid


def test_orders_with_alerts_come_first_until_staff_resolve_them(
    admin_client: Client, payment: Payment, item: Item, local_stripe: LocalStripe
) -> None:
    old = payment.order
    new = paid(item, local_stripe).order
    add_alert(old, "Paid twice. Refund one.")
    page = admin_client.get("/admin/cart/order/").content.decode()
    assert page.index(old.number) < page.index(new.number)
    assert "Paid twice. Refund one." in page
    filtered = admin_client.get("/admin/cart/order/?todo=attention").content.decode()
    assert old.number in filtered
    assert new.number not in filtered
    chosen = {"action": "mark_as_dealt_with", "_selected_action": [old.pk, new.pk]}
    admin_client.post("/admin/cart/order/", chosen)
    old.refresh_from_db()
    assert alert_messages(old) == ""
    assert old.alerts.get().resolved_by == "admin"
    page = admin_client.get("/admin/cart/order/").content.decode()
    assert page.index(new.number) < page.index(old.number)


def test_alerts_can_be_resolved_on_the_page_of_the_order(
    admin_client: Client, payment: Payment
) -> None:
    add_alert(payment.order, "Paid twice. Refund one.")
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    chosen = {"_selected_action": [payment.order_id], "index": "0"}
    chosen["CHANGE_FORM-action"] = "mark_as_dealt_with"
    chosen["CHANGE_FORM-select_across"] = "0"
    said = [admin_client.post(order_page, chosen, follow=True).content.decode() for _ in range(2)]
    assert ["Marked as dealt with." in page for page in said] == [True, False]
    order = Order.objects.get()
    assert alert_messages(order) == ""
    assert order.alerts.get().resolved_by == "admin"


def test_an_alert_raised_since_the_page_was_opened_is_not_resolved(
    admin_client: Client, payment: Payment
) -> None:
    add_alert(payment.order, "Paid twice. Refund one.")
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    page = " ".join(admin_client.get(order_page).content.decode().split())
    shown = payment.order.alerts.get().pk
    assert f'name="alerts" value="{shown}' in page
    add_alert(payment.order, "The bank disputes it.")
    chosen = {
        "_selected_action": [payment.order_id],
        "index": "0",
        "alerts": f"{shown} ",
    }
    chosen["CHANGE_FORM-action"] = "mark_as_dealt_with"
    chosen["CHANGE_FORM-select_across"] = "0"
    said = admin_client.post(order_page, chosen, follow=True).content.decode()
    assert "A new alert has come in. Read it, then mark the alerts as dealt with." in said
    assert "The bank disputes it." in alert_messages(Order.objects.get())


def test_the_permission_to_view_resolves_nothing(client: Client, payment: Payment) -> None:
    add_alert(payment.order, "Paid twice. Refund one.")
    packer = User.objects.create_user("packer", is_staff=True)
    packer.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(packer)
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    page = client.get(order_page).content.decode()
    assert "Paid twice. Refund one." in page
    assert "mark_as_dealt_with" not in page
    client.post(order_page, {"CHANGE_FORM-action": "mark_as_dealt_with", "_selected_action": "1"})
    assert alert_messages(Order.objects.get())
