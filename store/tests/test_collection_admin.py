import json
from typing import Any

from django.test import Client

from store.models import Collection, Item
from tests.support.admin_forms import opened_form


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
    form |= values | {"items": [pan.pk], "name": "Cooking"}
    assert admin_client.post(address, form).status_code == 302
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
