"""Today's shop with the database of the last release: no row is lost, and all pages open."""

from collections import defaultdict
from html import escape
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cart.models import Order
from notifications.models import Mail
from store.models import Item
from tests.support.answers import page_of
from tests.support.carts import add
from tests.support.presses import new_browser
from tests.support.shown_totals import shown_totals
from tests.upgrade.populate import PASSWORD
from tests.upgrade.recording import Upgraded, differences
from web.sessions import SessionStore

# What migrations have changed on purpose since the last release: a model or a field, and why, like
# "cart.Order.email": "moved to the buyer in cart 0002".
INTENDED: dict[str, str] = {}


def rows_of(upgraded: Upgraded, label: str, **values: Any) -> list[dict[str, Any]]:
    """The recorded rows with these values."""
    rows = upgraded.recording.rows_of(label)
    return [row for row in rows if values.items() <= row.items()]


def test_no_row_is_lost_and_no_value_changes(upgraded: Upgraded) -> None:
    assert [text for place, text in upgraded.differences if place not in INTENDED] == []


def test_a_lost_row_and_a_changed_value_are_found(upgraded: Upgraded) -> None:
    def compare() -> set[tuple[str, str]]:
        return {*differences(upgraded.recording, upgraded.release, later=upgraded.later)}

    order, mail = Order.objects.earliest("pk"), Mail.objects.latest("pk")
    with transaction.atomic():
        before = compare()  # other tests change rows, too
        Mail.objects.filter(pk=mail.pk).delete()
        Order.objects.filter(pk=order.pk).update(language="xx")
        found = compare() - before
        transaction.set_rollback(True)
    assert found == {
        ("notifications.Mail", f"notifications.Mail {mail.pk} is gone"),
        (
            "cart.Order.language",
            f"cart.Order {order.pk}: language was {order.language!r} and is 'xx'",
        ),
    }


def test_the_release_still_works_with_the_new_tables(upgraded: Upgraded) -> None:
    """It runs until the new version is started, and merchants go back to it."""
    with transaction.atomic():
        for label in upgraded.recording.tables:
            model = upgraded.release.get_model(label)
            for row in model._base_manager.order_by("pk")[:3]:
                model._base_manager.filter(pk=row.pk)._raw_delete(using="default")
                row.save_base(raw=True, force_insert=True)
        transaction.set_rollback(True)


def test_every_receipt_shows_its_order(upgraded: Upgraded, client: Client) -> None:
    orders = rows_of(upgraded, "cart.Order")
    receipts = {order["number"]: page_of(client, f"/order/{order['token']}") for order in orders}
    for order in orders:
        page = receipts[order["number"]]
        assert order["number"] in page
        assert f'data-state="{order["state"]}"' in page
    paid = [order for order in orders if order["state"] == "paid"]
    assert len(paid) > 5
    for order in paid:
        assert shown_totals(receipts[order["number"]])["total"] == [order["total_amount"]]


def test_visitors_find_their_carts_again(upgraded: Upgraded) -> None:
    names: dict[str, list[str]] = defaultdict(list)
    for cart in rows_of(upgraded, "cart.Order", state="cart", buy_key="", superseded_at=None):
        lines = rows_of(upgraded, "cart.OrderLine", order_id=cart["id"])
        names[cart["visitor"]] += [line["name"] for line in lines]
    browsers = {}
    for session in rows_of(upgraded, "sessions.Session"):
        visitor = SessionStore(session["session_key"]).get("visitor")
        browsers[visitor] = new_browser()
        browsers[visitor].cookies["sessionid"] = session["session_key"]
    assert len(names) > 2
    for visitor, of_cart in names.items():
        page = page_of(browsers[visitor], "/order")
        assert [name for name in of_cart if escape(name) not in page] == []
    for buyer in (browsers[visitor], new_browser()):
        assert add(buyer, Item.objects.get(name="Clay lamp")).status_code == 303
        assert "Clay lamp" in page_of(buyer, "/order")


def test_the_catalogue_and_the_pages_open(upgraded: Upgraded, client: Client) -> None:
    listed = rows_of(upgraded, "store.Item", is_listed=True)
    for item in listed:
        assert escape(item["name"]) in page_of(client, f"/item/{item['id']}")
    pictures = rows_of(upgraded, "store.Picture")
    mug = page_of(client, f"/item/{pictures[0]['item_id']}")
    assert escape(pictures[0]["alternative"]) in mug
    page = page_of(client, "/?collection=table")
    assert [item["name"] in page for item in listed] == [
        item["name"].startswith(("Speckled", "Tea", "Чашка")) for item in listed
    ]
    for text in rows_of(upgraded, "store.Page"):
        assert escape(text["title"]) in page_of(client, f"/pages/{text['slug']}")


def test_the_search_finds_items_and_their_changes(upgraded: Upgraded, client: Client) -> None:
    assert "Clay lamp" in page_of(client, "/?q=lam")
    lamp = Item.objects.get(name="Clay lamp")
    lamp.description = "With a Zwiebelmuster."
    lamp.save()
    assert "Clay lamp" in page_of(client, "/?q=zwiebel")


@pytest.mark.parametrize("name", ["merchant", "packer", "editor"])
def test_staff_log_in_with_their_password(upgraded: Upgraded, client: Client, name: str) -> None:
    assert logged_in(client, name).get("/admin/").status_code == 200


def test_orders_and_other_rows_open_in_the_admin(upgraded: Upgraded, client: Client) -> None:
    """Of each model two rows, and of orders one of each kind."""
    logged_in(client, "merchant")
    kinds = {
        (order["state"], bool(order["refunded_amount"]), bool(order["shipped_at"])): order["id"]
        for order in rows_of(upgraded, "cart.Order")
    }
    assert len(kinds) > 6
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{place}_changelist"), follow=True).status_code == 200, place
        keys = model._base_manager.values_list("pk", flat=True)[:2]
        for key in kinds.values() if model is Order else keys:
            answer = client.get(reverse(f"{place}_change", args=[key]), follow=True)
            assert answer.status_code == 200, (place, key)
            assert "doesn’t exist" not in answer.text


def logged_in(client: Client, name: str) -> Client:
    answer = client.post("/admin/login/", {"username": name, "password": PASSWORD})
    assert answer.status_code == 302
    return client
