import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from store.admin import by_collection, collections
from store.models import Collection, Item
from store.pictures.unused import delete_unused
from tests.support.admin_forms import fields_of, opened_form, save
from tests.support.photos import GPS, photo
from tests.support.rights import client_of_staff


def test_staff_group_items_in_a_collection(admin_client: Client, make_item: Any) -> None:
    pan, pot = make_item(name="Pan"), make_item(name="Pot")
    form: dict[str, Any] = {**opened_form(admin_client, "/admin/store/collection/add/")}
    values = {"name": "Kitchen", "slug": "kitchen", "items": [pan.pk, pot.pk]}
    assert admin_client.post("/admin/store/collection/add/", form | values).status_code == 302
    collection = Collection.objects.get()
    assert {item.name for item in collection.items.all()} == {"Pan", "Pot"}
    address = f"/admin/store/collection/{collection.pk}/change/"
    page = admin_client.get(address).content.decode()
    assert 'href="/?collection=kitchen"' in page
    form = opened_form(admin_client, address)
    assert save(admin_client, address, form, items=[pan.pk], name="Cooking") == ""
    collection.refresh_from_db()
    assert (collection.name, [item.name for item in collection.items.all()]) == ("Cooking", ["Pan"])


def test_its_items_are_searched_like_in_the_shop(admin_client: Client, item: Item) -> None:
    query = {
        "app_label": "store",
        "model_name": "collection",
        "field_name": "items",
        "term": "MUG stone",
    }
    answer = admin_client.get("/admin/autocomplete/", query)
    assert [each["text"] for each in json.loads(answer.content)["results"]] == ["Stoneware mug"]


def test_the_list_of_items_is_searched_like_in_the_shop(
    admin_client: Client, item: Item, make_item: Any
) -> None:
    make_item(name="Oak board", is_listed=False)
    page = admin_client.get("/admin/store/item/?q=ÔAK").content.decode()
    assert "Oak board" in page
    assert "Stoneware mug" not in page
    assert "Stoneware mug" in admin_client.get("/admin/store/item/?q=!").content.decode()


@pytest.fixture
def kitchen(db: None) -> Collection:
    return Collection.objects.create(name="Kitchen", slug="kitchen")


def form_of(row: Collection | Item) -> str:
    return f"/admin/store/{row._meta.model_name}/{row.pk}/change/"


def names(kitchen: Collection) -> set[str]:
    return set(kitchen.items.values_list("name", flat=True))


def test_an_item_is_put_into_collections_in_its_form(
    admin_client: Client, item: Item, kitchen: Collection
) -> None:
    table = Collection.objects.create(name="Table", slug="table")
    form = opened_form(admin_client, form_of(item))
    assert form["collections"] == []
    assert save(admin_client, form_of(item), form, collections=[kitchen.pk, table.pk]) == ""
    form = opened_form(admin_client, form_of(item))
    assert form["collections"] == [str(kitchen.pk), str(table.pk)]
    assert save(admin_client, form_of(item), form, collections=[table.pk], name="Cup") == ""
    assert item.collections.get() == table
    new = opened_form(admin_client, "/admin/store/item/add/") | {
        "name": "Pan",
        "price": "5",
        "currency": "USD",
    }
    assert save(admin_client, "/admin/store/item/add/", new, collections=[kitchen.pk]) == ""
    assert names(kitchen) == {"Pan"}


def test_two_staff_change_the_items_of_a_collection_at_once(
    admin_client: Client, make_item: Any, kitchen: Collection
) -> None:
    """What each adds and removes is kept, whichever form they use."""
    pan, pot, lid, cup = (make_item(name=name) for name in ("Pan", "Pot", "Lid", "Cup"))
    kitchen.items.set([pan, pot])
    first, second = (opened_form(admin_client, form_of(kitchen)) for _ in range(2))
    of_the_item = opened_form(admin_client, form_of(pan))
    other_item = opened_form(admin_client, form_of(cup))
    assert save(admin_client, form_of(kitchen), first, items=[pan.pk, pot.pk, lid.pk]) == ""
    assert save(admin_client, form_of(kitchen), second, items=[pan.pk]) == ""
    assert names(kitchen) == {"Pan", "Lid"}
    assert save(admin_client, form_of(cup), other_item, collections=[kitchen.pk]) == ""
    assert save(admin_client, form_of(pan), of_the_item, collections=[]) == ""
    assert names(kitchen) == {"Lid", "Cup"}


def test_a_refused_form_still_knows_what_was_chosen_in_it(
    admin_client: Client, make_item: Any, kitchen: Collection
) -> None:
    pan, pot, lid = (make_item(name=name) for name in ("Pan", "Pot", "Lid"))
    kitchen.items.set([pan])
    form = opened_form(admin_client, form_of(kitchen))
    kitchen.items.add(lid)
    Collection.objects.update(name="Kitchenware")
    page = save(admin_client, form_of(kitchen), form, items=[pot.pk])
    assert "This was changed from “Kitchen” to “Kitchenware” while you edited." in page
    assert save(admin_client, form_of(kitchen), fields_of(page)) == ""
    assert names(kitchen) == {"Pot", "Lid"}
    kitchen.refresh_from_db()
    assert kitchen.name == "Kitchenware"


def test_a_form_does_not_overwrite_what_it_does_not_change(
    admin_client: Client, item: Item, kitchen: Collection
) -> None:
    form = opened_form(admin_client, form_of(item))
    kitchen.items.add(item)
    assert save(admin_client, form_of(item), form, name="Cup") == ""
    assert names(kitchen) == {"Cup"}
    form = opened_form(admin_client, form_of(item))
    Collection.objects.all().delete()
    page = save(admin_client, form_of(item), form)
    assert "is not one of the available choices" in page


def test_a_key_that_no_database_can_hold_changes_nothing(
    admin_client: Client, make_item: Any, kitchen: Collection
) -> None:
    kitchen.items.set([make_item(name="Pan")])
    form = opened_form(admin_client, form_of(kitchen))
    form["initial-items"] += f",{'9' * 30}"
    assert save(admin_client, form_of(kitchen), form) == ""
    assert names(kitchen) == {"Pan"}


def test_the_order_of_collections_is_compared_in_the_list(
    admin_client: Client, kitchen: Collection
) -> None:
    address = "/admin/store/collection/"
    form = fields_of(admin_client.get(address).content.decode()) | {"_save": "Save"}
    Collection.objects.update(position=7)
    page = save(admin_client, address, form, **{"form-0-position": "5"})
    assert "This was changed from “100” to “7” while you edited." in page


def test_many_items_do_not_fit_into_the_form(
    admin_client: Client, make_item: Any, kitchen: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "MOST_ITEMS", 1)
    kitchen.items.set([make_item(name="Pan"), make_item(name="Pot")])
    form = opened_form(admin_client, form_of(kitchen))
    assert "items" not in form
    assert save(admin_client, form_of(kitchen), form, name="Cooking") == ""
    assert names(kitchen) == {"Pan", "Pot"}


def test_the_picture_is_cleaned_and_replaced(
    admin_client: Client,
    kitchen: Collection,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    for name in ("a.jpg", "b.jpg"):
        form = opened_form(admin_client, form_of(kitchen))
        file = SimpleUploadedFile(name, photo())
        assert save(admin_client, form_of(kitchen), form, picture=file) == ""
    list(delete_unused(at=timezone.now() + timedelta(days=1)))
    (stored,) = (tmp_path / "collections").iterdir()
    assert GPS not in stored.read_bytes()
    form = opened_form(admin_client, form_of(kitchen))
    page = save(admin_client, form_of(kitchen), form, picture=SimpleUploadedFile("a.jpg", b"text"))
    assert "errorlist" in page


def test_staff_with_the_right_to_view_see_the_collections(item: Item, kitchen: Collection) -> None:
    kitchen.items.add(item)
    client = client_of_staff("store.view_item", "store.view_collection")
    assert "Kitchen" in client.get(form_of(item)).content.decode()
    assert item.name in client.get(form_of(kitchen)).content.decode()


LIST = "/admin/store/item/"


def test_the_list_of_items_is_filtered_by_a_collection(
    admin_client: Client, make_item: Any, kitchen: Collection
) -> None:
    kitchen.items.set([make_item(name="Pan"), make_item(name="Pot", is_listed=False)])
    make_item(name="Lamp")
    assert "?collection=kitchen" in admin_client.get(LIST).text
    for address in (form_of(kitchen), "/admin/store/collection/"):
        assert f'href="{LIST}?collection=kitchen"' in admin_client.get(address).text
    page = admin_client.get(f"{LIST}?collection=kitchen").text
    assert [name in page for name in ("Pan</a>", "Pot</a>", "Lamp</a>")] == [True, True, False]
    assert "Items: 0" in admin_client.get(f"{LIST}?collection=unknown").text


def test_the_filter_offers_few_of_many_collections(
    admin_client: Client, item: Item, kitchen: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads one more than it shows, and counts no items."""
    monkeypatch.setattr(by_collection, "MOST_SHOWN", 2)
    offers = ["?collection=attic", "?collection=bath", "?collection=kitchen"]
    for slug in ("attic", "bath"):
        Collection.objects.create(name=slug.title(), slug=slug)
    with CaptureQueriesContext(connection) as queries:
        page = admin_client.get(LIST).text
    assert [offer in page for offer in offers] == [True, True, False]
    assert 'href="/admin/store/collection/">More collections…</a>' in page
    (read,) = (each["sql"] for each in queries if 'FROM "store_collection" ORDER' in each["sql"])
    assert read.endswith("LIMIT 3")
    kitchen.items.add(item)
    page = admin_client.get(f"{LIST}?collection=kitchen").text
    assert [offer in page for offer in offers] == [True, True, True]
    kitchen.delete()
    assert "More collections" not in admin_client.get(LIST).text


def test_an_address_has_latin_letters(admin_client: Client) -> None:
    for model in ("collection", "page"):
        address = f"/admin/store/{model}/add/"
        page = save(admin_client, address, opened_form(admin_client, address), slug="кухня")
        assert "<li>Use only Latin letters, digits, hyphens and underscores.</li>" in page


def test_deleting_a_collection_names_none_of_its_items(
    admin_client: Client, make_item: Any
) -> None:
    collection = Collection.objects.create(name="Kitchen", slug="kitchen")
    collection.items.set([make_item(name="Pan"), make_item(name="Pot")])
    address = f"/admin/store/collection/{collection.pk}/delete/"
    page = admin_client.get(address).content.decode()
    assert "Kitchen" in page
    assert "object (" not in page
    assert admin_client.post(address, {"post": "yes"}).status_code == 302
    assert not Collection.objects.exists()
    assert Item.objects.count() == 2


@pytest.mark.django_db
def test_the_list_links_to_the_items_only_for_staff_who_may_see_them() -> None:
    Collection.objects.create(name="Kitchen", slug="kitchen")
    for rights, is_shown in (("view_item", True), ("view_picture", False)):
        client = client_of_staff("store.view_collection", f"store.{rights}")
        page = client.get("/admin/store/collection/").text
        assert "Kitchen" in page
        assert ("/admin/store/item/?collection=kitchen" in page) is is_shown
