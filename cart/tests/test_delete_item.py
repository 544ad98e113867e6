"""Staff delete items; those of carts and orders can be hidden instead (V63)."""

from typing import Any

import pytest
from django.test import Client

from cart.models import Order, State
from store.models import Collection, Item
from tests.support.rights import client_of_staff

LIST = "/admin/store/item/"


def address(item: Item) -> str:
    return f"{LIST}{item.pk}/delete/"


def hide_instead(client: Client, page: str, item: Item) -> str:
    """Press the button of the page; it sends only what the page has."""
    assert f'name="_selected_action" value="{item.pk}"' in page
    assert 'name="action" value="hide_items"' in page
    chosen = {"action": "hide_items", "_selected_action": [item.pk]}
    return client.post(LIST, chosen, follow=True).content.decode()


@pytest.fixture
def held(make_item: Any) -> Item:
    """An item in a cart."""
    item: Item = make_item(name="Mug")
    order = Order.objects.create(state=State.CART, currency="USD", visitor="anna")
    order.lines.create(item=item, quantity=1, name="Mug", unit_amount=1999)
    return item


def test_an_item_that_nobody_has_is_deleted(admin_client: Client, item: Item) -> None:
    assert "Are you sure" in admin_client.get(address(item)).content.decode()
    admin_client.post(address(item), {"post": "yes"})
    assert not Item.objects.exists()


def test_the_page_names_items_and_no_rows_of_the_database(admin_client: Client, item: Item) -> None:
    Collection.objects.create(name="Kitchen", slug="kitchen").items.add(item)
    page = admin_client.get(address(item)).content.decode()
    assert f"<li>{item.name}</li>" in page
    assert "Items: 1" in page
    assert "ollection-item" not in page
    assert "Collection_items object" not in page
    admin_client.post(address(item), {"post": "yes"})
    assert Collection.objects.exists()
    assert not Item.objects.exists()


@pytest.mark.parametrize("state", [State.CART, State.PAID])
def test_the_page_says_hide_instead_and_does_it(
    admin_client: Client, held: Item, state: State
) -> None:
    Order.objects.update(state=state, paid_at=held.created_at if state == State.PAID else None)
    page = admin_client.get(address(held)).content.decode()
    assert "This item is in carts or orders, which need it, so it can’t be deleted:" in page
    assert "protected" not in page
    admin_client.post(address(held), {"post": "yes"})
    assert Item.objects.filter(is_listed=True).exists()
    page = hide_instead(admin_client, page, held)
    assert "1 item is hidden now." in page
    assert not Item.objects.get().is_listed


def test_several_are_deleted_or_hidden(admin_client: Client, held: Item, make_item: Any) -> None:
    other = make_item(name="Lamp")
    chosen: dict[str, Any] = {"action": "delete_selected", "_selected_action": [held.pk, other.pk]}
    page = admin_client.post(LIST, chosen).content.decode()
    assert "<li>Mug</li>" in page
    assert "<li>Lamp</li>" not in page
    assert "Delete the others…" in page
    assert f'name="_selected_action" value="{other.pk}"' in page
    hide_instead(admin_client, page, held)
    assert list(Item.objects.listed()) == [other]
    chosen["_selected_action"] = [other.pk]
    assert "Are you sure" in admin_client.post(LIST, chosen).content.decode()
    admin_client.post(LIST, chosen | {"post": "yes"})
    assert list(Item.objects.all()) == [held]


def test_nothing_is_left_to_delete_if_all_are_needed(admin_client: Client, held: Item) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [held.pk]}
    page = admin_client.post(LIST, chosen).content.decode()
    assert "Hide instead" in page
    assert "Delete the others…" not in page


def test_staff_without_change_right_get_no_button(held: Item) -> None:
    client = client_of_staff("store.view_item", "store.delete_item")
    assert 'value="Hide instead"' not in client.get(address(held)).content.decode()
