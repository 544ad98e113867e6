"""What staff do with several items of the list at once."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.test import Client

from store.admin import item_actions
from store.management.commands.seed_catalogue import SAMPLES
from store.models import Collection, Item
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
    monkeypatch.setattr(item_actions, "MOST_DELETED", 1)
    for action in ("hide_items", "change_prices", "delete_selected"):
        page = run(admin_client, action, items)
        assert "At most 1 items can be changed at once. Choose fewer." in page
    assert listed() == {"Mug", "Lamp"}
    Item.objects.update(is_listed=False)
    assert "At most 1 items" in run(admin_client, "list_items", items)
    assert listed() == set()


def test_staff_without_the_right_to_change_have_no_actions(db: None, items: list[Item]) -> None:
    client = client_of_staff("store.view_item")
    assert "hide_items" not in client.get(LIST).content.decode()
    run(client, "hide_items", items)
    assert listed() == {"Mug", "Lamp"}


@pytest.fixture
def pictured(items: list[Item], settings: Any, tmp_path: Any) -> Item:
    """The mug with two pictures, of which one has lost its file."""
    settings.MEDIA_ROOT = tmp_path
    mug = items[0]
    Collection.objects.create(name="Kitchen", slug="kitchen").items.add(mug)
    content = next((SAMPLES / "pictures").glob("*.webp")).read_bytes()
    for position in (1, 2):
        image = ContentFile(content, name="mug.webp")
        mug.pictures.create(image=image, alternative=f"Side {position}", position=position)
    (tmp_path / mug.pictures.get(position=2).image.name).unlink()
    return mug


def test_a_copy_is_hidden_and_has_its_own_files(admin_client: Client, pictured: Item) -> None:
    page = run(admin_client, "copy_items", [pictured])
    assert "1 copy was made. It is hidden until you list it." in page
    assert 'name="name" value="Mug (copy)"' in page
    copy = Item.objects.get(name="Mug (copy)")
    assert (copy.price, copy.currency, copy.is_listed) == (pictured.price, "USD", False)
    assert [str(each) for each in copy.collections.all()] == ["Kitchen"]
    (picture,) = copy.pictures.all()
    original = pictured.pictures.get(position=1)
    assert (picture.alternative, picture.width) == ("Side 1", original.width)
    assert picture.image.name != original.image.name
    files = [Path(each.image.path).read_bytes() for each in (picture, original)]
    assert files[0] == files[1]
    assert pictured.pictures.count() == 2


def test_several_copies_are_shown_in_the_list(
    admin_client: Client, items: list[Item], monkeypatch: Any
) -> None:
    Item.objects.filter(pk=items[0].pk).update(name="M" * 200)
    page = run(admin_client, "copy_items", items)
    assert "3 copies were made. They are hidden until you list them." in page
    assert 'id="result_list"' in page
    assert Item.objects.filter(name="M" * 200).count() == 2
    monkeypatch.setattr(item_actions, "MOST_COPIES", 2)
    assert "At most 2 items" in run(admin_client, "copy_items", items)


def test_staff_with_the_right_to_add_can_copy(items: list[Item]) -> None:
    client = client_of_staff("store.view_item", "store.add_item")
    page = run(client, "copy_items", items[:1])
    assert "1 copy was made." in page
    assert "The pictures weren’t copied" not in page


def test_staff_without_the_right_to_add_pictures_copy_none(pictured: Item) -> None:
    client = client_of_staff("store.view_item", "store.add_item")
    page = run(client, "copy_items", [pictured])
    assert "1 copy was made." in page
    assert "The pictures weren’t copied, because you can’t add pictures." in page
    assert not Item.objects.get(name="Mug (copy)").pictures.exists()


def test_as_many_can_be_deleted_as_the_confirmation_can_send(admin_client: Client) -> None:
    most = item_actions.MOST_DELETED
    items = [Item(name="Mug", price=9, currency="USD") for _ in range(most)]
    items = Item.objects.bulk_create(items)
    form = {"action": "delete_selected", "select_across": "1", "index": "0"}
    page = admin_client.post(LIST, form | {"_selected_action": [items[0].pk]}).text
    keys = re.findall(r'name="_selected_action" value="(\d+)"', page)
    assert len(keys) == most
    sent = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    assert admin_client.post(LIST, sent).status_code == 302
    assert not Item.objects.exists()
