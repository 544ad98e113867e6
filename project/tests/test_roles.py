"""The groups that come with the shop, and what their members can do in the admin."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from cart.models import Order, OrderLine, State
from project.roles import ROLES, create_roles
from store.models import Item, Page
from tests.support.admin_forms import opened_form, save
from tests.support.alerts import add_alert

ORDERS = "/admin/cart/order/"


def member_of(*roles: str) -> Client:
    user = User.objects.create_user("helper", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def order(item: Item) -> Order:
    order = Order.objects.create(
        currency="USD",
        subtotal_amount=1999,
        total_amount=1999,
        state=State.PAID,
        paid_at=timezone.now(),
        frozen_at=timezone.now(),
        needs_shipping=True,
        email="ada@shop.example",
    )
    OrderLine.objects.create(order=order, item=item, name=item.name, unit_amount=1999)
    return order


def opened(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def links_of(client: Client) -> set[str]:
    """The parts of the admin to which its first page leads."""
    return set(re.findall(r'href="/admin/(\w+/\w+)/"', opened(client, "/admin/")))


def allowed_lists(client: Client) -> set[str]:
    """The addresses of the lists in the admin that may be opened."""
    models = [model._meta for model in admin.site._registry]
    addresses = [f"/admin/{each.app_label}/{each.model_name}/" for each in models]
    return {each for each in addresses if client.get(each, follow=True).status_code == 200}


def test_migrating_makes_the_groups(db: None) -> None:
    for name, rights in ROLES.items():
        permissions = Group.objects.get(name=name).permissions.select_related("content_type")
        found = {f"{each.content_type.app_label}.{each.codename}" for each in permissions}
        assert found == set(rights)


def test_migrating_again_keeps_what_the_merchant_changed(db: None) -> None:
    Group.objects.get(name="packer").permissions.clear()
    Group.objects.get(name="editor").delete()
    call_command("migrate", verbosity=0)
    assert not Group.objects.get(name="packer").permissions.exists()
    made_again = Group.objects.get(name="editor")
    assert made_again.permissions.exists()
    assert not made_again.user_set.exists()


def test_a_group_waits_for_its_tables(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROLES, "auditor", ["cart.view_order", "cart.view_nothing"])
    create_roles()
    assert not Group.objects.filter(name="auditor").exists()


def test_a_packer_marks_orders_as_shipped(order: Order) -> None:
    packer = member_of("packer")
    assert links_of(packer) == {"cart/order"}
    first = opened(packer, "/admin/")
    assert "?todo=ship" in first
    assert "Sold" not in first
    assert order.number in opened(packer, f"{ORDERS}?todo=ship")
    page = opened(packer, f"{ORDERS}{order.pk}/change/")
    assert "Mark as shipped…" in page
    packer.post(f"{ORDERS}{order.pk}/notes/", {"text": "The box is wet."})
    packer.post(f"{ORDERS}{order.pk}/shipped/", {"tracking_number": "T1", "mark": "1"})
    order.refresh_from_db()
    assert (order.tracking_number, order.shipped_at is None) == ("T1", False)
    assert order.staff_notes.get().text == "The box is wet."


def test_a_packer_marks_several_at_once(order: Order) -> None:
    form = {"action": "mark_as_shipped", "_selected_action": [order.pk], "is_confirmed": "1"}
    member_of("packer").post(ORDERS, form)
    order.refresh_from_db()
    assert order.shipped_at


def test_a_packer_prints_slips(order: Order) -> None:
    packer, address = member_of("packer"), f"{ORDERS}print/?orders={order.pk}&document="
    page = opened(packer, f"{address}packing-slips")
    assert "Stoneware mug" in page
    assert "Invoices" not in page
    assert packer.get(f"{address}invoices").status_code == 403


def test_a_packer_can_do_nothing_else(order: Order, item: Item) -> None:
    packer = member_of("packer")
    add_alert(order, "Look at it.")
    page = opened(packer, f"{ORDERS}{order.pk}/change/")
    assert "Look at it." in page
    for button in ("Mark as dealt with", "/refund/", "Return to stock…"):
        assert button not in page
    actions = re.findall(r'<option value="(\w+)"', opened(packer, ORDERS))
    assert set(actions) == {"mark_as_shipped", "print_orders"}
    for action in ("mark_as_dealt_with", "export_buyers", "forget_buyers"):
        form = {"action": action, "_selected_action": [order.pk], "is_confirmed": "1"}
        assert "attachment" not in packer.post(ORDERS, form).get("Content-Disposition", "")
    assert order.alerts.get().resolved_at is None
    order.refresh_from_db()
    assert order.email == "ada@shop.example"
    assert allowed_lists(packer) == {ORDERS}
    assert packer.get(f"/admin/store/item/{item.pk}/change/").status_code == 403


def test_an_editor_edits_the_catalogue_and_the_pages(item: Item) -> None:
    editor = member_of("editor")
    assert links_of(editor) >= {"store/item", "store/page"}
    about = Page.objects.create(slug="about", title="About", text="x")
    for address in (
        "item/add/",
        f"item/{item.pk}/change/",
        "page/add/",
        f"page/{about.pk}/change/",
    ):
        assert 'name="_save"' in opened(editor, f"/admin/store/{address}")
    editor.post(f"/admin/store/item/{item.pk}/delete/", {"post": "yes"})
    assert not Item.objects.exists()


def test_an_editor_sees_no_orders(order: Order) -> None:
    editor = member_of("editor")
    first = opened(editor, "/admin/")
    assert "order" not in first.casefold()
    allowed = allowed_lists(editor)
    assert all(each.startswith("/admin/store/") for each in allowed)
    assert "/admin/store/shop/" not in allowed
    addresses = [f"{order.pk}/change/", f"{order.pk}/shipped/", f"{order.pk}/notes/"]
    addresses += [f"print/?orders={order.pk}&document=packing-slips"]
    for address in addresses:
        assert editor.get(f"{ORDERS}{address}", follow=True).status_code == 403


def test_a_helper_can_have_both_roles(order: Order) -> None:
    both: Any = links_of(member_of("editor", "packer"))
    assert both >= {"cart/order", "store/item", "store/page"}


def test_a_refused_page_leads_back_to_the_admin(db: None) -> None:
    answer = member_of("packer").get("/admin/store/item/")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert '<a class="button" href="/admin/">Back to the admin</a>' in page
    assert "To the cart" not in page


def test_a_new_user_can_log_in_and_sees_nothing_without_a_group(admin_client: Client) -> None:
    typed = {"username": "paul", "usable_password": "true"}
    typed |= {f"password{n}": "tr8-Zebra-kayak" for n in (1, 2)}
    answer = admin_client.post("/admin/auth/user/add/", typed, follow=True)
    assert "was added successfully" in answer.content.decode()
    paul = User.objects.get(username="paul")
    assert (paul.is_staff, paul.is_superuser) == (True, False)
    client = Client()
    assert client.login(username="paul", password="tr8-Zebra-kayak")  # noqa: S106
    assert client.get("/admin/").status_code == 200
    assert client.get(ORDERS).status_code == 403


def test_a_user_keeps_no_staff_status_that_was_switched_off(admin_client: Client) -> None:
    paul = User.objects.create_user("paul", is_staff=True)
    address = f"/admin/auth/user/{paul.pk}/change/"
    assert save(admin_client, address, opened_form(admin_client, address), is_staff=None) == ""
    paul.refresh_from_db()
    assert not paul.is_staff
