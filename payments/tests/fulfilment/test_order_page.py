"""The page of an order shows what staff need to send it, and keeps their notes."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from cart.models import Order, State
from tests.support.alerts import add_alert, resolve_alerts_of
from tests.support.answers import page_of
from tests.support.fulfilment import LIST, press
from tests.support.rights import client_of_staff


def test_the_page_shows_lines_address_and_buttons(admin_client: Client, order: Order) -> None:
    Order.objects.update(shipping_rate_name="Parcel", shipping_amount=490)
    page = page_of(admin_client, f"{LIST}{order.pk}/change/")
    for text in ("Stoneware mug", "1 High Street", "London<br>E1 6AN<br>United Kingdom", "Parcel"):
        assert text in page
    for text in ("Mark as shipped…", "Print…", "+44 20 1234", "$4.90"):
        assert text in page
    assert page.count("<details>") >= 4  # details, payments, alerts, history


@pytest.mark.parametrize("country", ["", "DE"])
def test_the_page_says_that_the_address_is_missing(
    admin_client: Client, make_order: Any, country: str
) -> None:
    order = make_order(shipping_country=country)
    not_paid = make_order(state=State.CHECKOUT, paid_at=None)
    page = page_of(admin_client, f"{LIST}{not_paid.pk}/change/")
    assert "Stripe has given us no address." not in page
    page = page_of(admin_client, f"{LIST}{order.pk}/change/")
    assert "Stripe has given us no address." in page
    assert ("Germany." in page) == bool(country)
    Order.objects.update(needs_shipping=False)
    page = page_of(admin_client, f"{LIST}{order.pk}/change/")
    assert "Nothing has to be sent." in page
    assert "Mark as shipped…" not in page


def test_notes_are_kept_with_their_writer(admin_client: Client, order: Order) -> None:
    address = f"{LIST}{order.pk}/notes/"
    page = admin_client.post(address, {"text": "Gift <wrap>\nit"}, follow=True).content.decode()
    assert "Gift &lt;wrap&gt;<br>it" in page
    note = order.staff_notes.get()
    assert (note.written_by, str(note)) == ("admin", "Gift <wrap>\nit")
    page = admin_client.post(address, {"text": " "}, follow=True).content.decode()
    assert "This field is required." in page
    assert order.staff_notes.count() == 1
    answer = admin_client.get(address)  # after a login, for example
    assert (answer.status_code, answer["Location"]) == (303, f"{LIST}{order.pk}/change/")


def test_the_name_of_an_item_leads_to_it_for_those_who_may_see_it(
    admin_client: Client, order: Order
) -> None:
    address = f"{LIST}{order.pk}/change/"
    link = f'href="/admin/store/item/{order.lines.get().item_id}/change/"'
    assert link in page_of(admin_client, address)
    assert link in page_of(client_of_staff("cart.ship_order", "store.change_item"), address)
    page = page_of(client_of_staff("cart.ship_order"), address)
    assert "Stoneware mug" in page
    assert link not in page


def test_the_permission_to_view_changes_nothing(client: Client, order: Order) -> None:
    packer = User.objects.create_user("packer", is_staff=True)
    packer.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(packer)
    page = page_of(client, f"{LIST}{order.pk}/change/")
    assert "Mark as shipped…" not in page
    assert "New note" not in page
    assert client.get(f"{LIST}{order.pk}/shipped/").status_code == 403
    assert client.post(f"{LIST}{order.pk}/notes/", {"text": "x"}).status_code == 403
    assert "Packing slip" in page_of(
        client, f"{LIST}print/?orders={order.pk}&document=packing-slips"
    )
    packer.user_permissions.clear()
    assert client.get(f"{LIST}print/?orders=1&document=invoices").status_code == 403


def test_the_form_and_the_slip_of_an_order_show_its_alerts(
    admin_client: Client, order: Order
) -> None:
    form, slip = f"{LIST}{order.pk}/shipped/", f"{LIST}print/?orders={order.pk}&document="
    add_alert(order, "Check it before you deliver it.")
    page = page_of(admin_client, form)
    assert page.index("Check it before you deliver it.") < page.index('name="mark"')
    assert "Needs attention" in page_of(admin_client, slip + "packing-slips")
    assert "Needs attention" not in page_of(admin_client, slip + "invoices")
    resolve_alerts_of(order)
    assert "Check it" not in page_of(admin_client, form)
    assert "Needs attention" not in page_of(admin_client, slip + "packing-slips")
    assert "The order is marked as shipped." in press(admin_client, order)


def test_alerts_stand_above_the_buttons_of_an_order(admin_client: Client, order: Order) -> None:
    add_alert(order, "Check it before you deliver it.")
    page = page_of(admin_client, f"{LIST}{order.pk}/change/")
    places = [page.index(text) for text in ("Check it", "Mark as dealt with", "Mark as shipped…")]
    assert places == sorted(places)
