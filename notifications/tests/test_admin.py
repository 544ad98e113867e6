"""Mails in the admin."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from cart.models import Order
from notifications.models import Mail
from payments.admin.orders import OrderAdmin
from tests.support.answers import page_of
from tests.support.mails import paid_order


@pytest.fixture
def mails(make_item: Any) -> list[Mail]:
    """A failed, a sent and a waiting mail, and one about low stock."""
    order = paid_order(make_item(name="Mug"))
    values: dict[str, Any] = {"order": order, "to": "buyer@mail.example"}
    failed = {"state": "failed", "last_error": "550 unknown", "tries": 3}
    return [
        Mail.objects.create(reason="order_confirmed", **values, **failed),
        Mail.objects.create(reason="refunded", **values, state="sent", sent_at=timezone.now()),
        Mail.objects.create(reason="shipped", **values),
        Mail.objects.create(reason="low_stock", item=make_item(name="Vase")),
    ]


def test_the_list_shows_state_and_error(admin_client: Client, mails: list[Mail]) -> None:
    page = page_of(admin_client, "/admin/notifications/mail/")
    for text in ("550 unknown", str(mails[0].order), "Vase", "waiting", "sent", "failed"):
        assert text in page
    found = page_of(admin_client, f"/admin/notifications/mail/?q={mails[0].order}")
    assert "Vase" not in found


def test_a_mail_can_only_be_looked_at(admin_client: Client, mails: list[Mail]) -> None:
    address = f"/admin/notifications/mail/{mails[0].pk}/change/"
    assert mails[0].message_id.strip("<>") in page_of(admin_client, address)
    assert admin_client.post(address, {"to": "spy@mail.example"}).status_code == 403
    assert admin_client.get("/admin/notifications/mail/add/").status_code == 403
    assert admin_client.post(f"{address}../delete/", {"post": "yes"}).status_code == 403


def test_sends_failed_mails_again(admin_client: Client, mails: list[Mail]) -> None:
    form = {"action": "send_again", "_selected_action": [mail.pk for mail in mails]}
    page = admin_client.post("/admin/notifications/mail/", form, follow=True).content.decode()
    assert "1 mail is sent again." in page
    mails[0].refresh_from_db()
    assert (mails[0].state, mails[0].tries) == ("waiting", 0)
    mails[1].refresh_from_db()
    assert mails[1].state == "sent"


def test_staff_with_only_the_view_right_send_nothing(
    client: Client, django_user_model: Any, mails: list[Mail]
) -> None:
    user = django_user_model.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_mail"))
    client.force_login(user)
    form = {"action": "send_again", "_selected_action": [mails[0].pk]}
    client.post("/admin/notifications/mail/", form)
    mails[0].refresh_from_db()
    assert mails[0].state == "failed"


def test_the_page_of_an_order_lists_its_mails(admin_client: Client, mails: list[Mail]) -> None:
    page = page_of(admin_client, f"/admin/cart/order/{mails[0].order_id}/change/")
    assert "550 unknown" in page
    assert f"/admin/notifications/mail/{mails[0].pk}/change/" in page


def test_higher_layers_add_to_the_one_admin_of_orders() -> None:
    order_admin = admin.site.get_model_admin(Order)
    assert type(order_admin) is OrderAdmin
    assert [each.__name__ for each in order_admin.inlines].count("MailInline") == 1
    assert {"export_buyers", "forget_buyers"} < {
        getattr(each, "__name__", each) for each in order_admin.actions
    }


def test_an_item_is_deleted_with_the_mails_about_its_stock(
    admin_client: Client, mails: list[Mail]
) -> None:
    """Staff may delete no mails, but these would be about nothing."""
    vase = mails[3].item
    assert vase is not None
    admin_client.post(f"/admin/store/item/{vase.pk}/delete/", {"post": "yes"})
    assert not Mail.objects.filter(pk=mails[3].pk).exists()
