"""What staff do with several items of the list at once."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from store.admin import item_actions
from store.models import Item
from tests.support.rights import client_of_staff

LIST = "/admin/store/item/"


@pytest.fixture
def items(make_item: Any) -> list[Item]:
    return [make_item(name="Mug"), make_item(name="Lamp"), make_item(name="Pin", is_listed=False)]


def run(client: Client, action: str, items: list[Item]) -> str:
    form = {"action": action, "_selected_action": [item.pk for item in items]}
    return client.post(LIST, form, follow=True).content.decode()


def listed() -> set[str]:
    return set(Item.objects.listed().values_list("name", flat=True))


def test_several_are_hidden_and_listed(admin_client: Client, items: list[Item]) -> None:
    assert "2 items are hidden now." in run(admin_client, "hide_items", items)
    assert listed() == set()
    assert "1 item is listed now." in run(admin_client, "list_items", items[:1])
    assert listed() == {"Mug"}
    history = LogEntry.objects.filter(object_id=items[0].pk).order_by("pk")
    assert [entry.change_message for entry in history] == ["Hidden.", "Listed."]
    assert not LogEntry.objects.filter(object_id=items[2].pk).exists()  # it was hidden before


def test_too_many_are_refused_in_words(
    admin_client: Client, items: list[Item], monkeypatch: Any
) -> None:
    monkeypatch.setattr(item_actions, "MOST", 1)
    for action in ("hide_items", "change_prices"):
        page = run(admin_client, action, items)
        assert "At most 1 items can be changed at once. Choose fewer." in page
    assert listed() == {"Mug", "Lamp"}


def test_who_can_only_look_has_no_actions(db: None, items: list[Item]) -> None:
    client = client_of_staff("store.view_item")
    assert "hide_items" not in client.get(LIST).content.decode()
    run(client, "hide_items", items)
    assert listed() == {"Mug", "Lamp"}
