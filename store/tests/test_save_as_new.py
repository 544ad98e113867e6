"""“Save as new” in the form of an item."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from store.management.commands.seed_catalogue import SAMPLES
from store.models import Collection, Item
from tests.support.admin_forms import fields_of, opened_form, save
from tests.support.rights import client_of_staff

CONTENT, OTHER = [each.read_bytes() for each in sorted((SAMPLES / "pictures").glob("*.webp"))[:2]]


@pytest.fixture
def mug(item: Item, settings: Any, tmp_path: Path) -> Item:
    """A mug with two pictures."""
    settings.MEDIA_ROOT = tmp_path
    Collection.objects.create(name="Kitchen", slug="kitchen").items.add(item)
    for number in (1, 2):
        image = ContentFile(CONTENT, name="mug.webp")
        item.pictures.create(image=image, alternative=f"Side {number}", position=number)
    return item


def address_of(item: Item) -> str:
    return f"/admin/store/item/{item.pk}/change/"


def save_as_new(client: Client, item: Item, **changes: Any) -> str:
    form = opened_form(client, address_of(item))
    return save(client, address_of(item), form, _saveasnew="Save as new", **changes)


def test_the_new_item_has_what_is_typed_and_its_own_files(admin_client: Client, mug: Item) -> None:
    changes = {"name": "Cup", "pictures-1-alternative": "From above"}
    assert save_as_new(admin_client, mug, **changes) == ""
    cup = Item.objects.get(name="Cup")
    assert (cup.price, cup.description) == (mug.price, mug.description)
    assert [str(each) for each in cup.collections.all()] == ["Kitchen"]
    texts = [each.alternative for each in cup.pictures.all()]
    assert texts == ["Side 1", "From above"]
    pictures = [*cup.pictures.all(), *mug.pictures.all()]
    assert len({each.image.name for each in pictures}) == 4
    assert {Path(each.image.path).read_bytes() for each in pictures} == {CONTENT}
    mug.refresh_from_db()
    assert mug.name == "Stoneware mug"


def test_the_new_item_is_in_the_chosen_collections(admin_client: Client, mug: Item) -> None:
    other = Collection.objects.create(name="Table", slug="table")
    assert save_as_new(admin_client, mug, name="Cup", collections=[other.pk]) == ""
    assert [str(each) for each in Item.objects.get(name="Cup").collections.all()] == ["Table"]
    assert [str(each) for each in mug.collections.all()] == ["Kitchen"]


def test_pictures_that_are_deleted_or_replaced_are_not_copied(
    admin_client: Client, mug: Item
) -> None:
    changes = {
        "pictures-0-DELETE": "on",
        "pictures-1-image": ContentFile(OTHER, name="other.webp"),
    }
    assert save_as_new(admin_client, mug, name="Cup", **changes) == ""
    (picture,) = Item.objects.get(name="Cup").pictures.all()
    assert picture.alternative == "Side 2"
    assert Path(picture.image.path).read_bytes() != CONTENT
    assert mug.pictures.count() == 2


def test_a_form_with_errors_still_has_the_pictures(admin_client: Client, mug: Item) -> None:
    page = save_as_new(admin_client, mug, name="")
    assert Item.objects.count() == 1
    assert page.count("picture-preview") == 2
    form = fields_of(page)
    assert save(admin_client, address_of(mug), form, name="Cup", _saveasnew="Save as new") == ""
    assert Item.objects.get(name="Cup").pictures.count() == 2


def test_a_picture_without_its_file_is_asked_for(admin_client: Client, mug: Item) -> None:
    Path(mug.pictures.get(position=1).image.path).unlink()
    page = save_as_new(admin_client, mug, name="Cup")
    assert page.count("This field is required.") == 1
    assert not Item.objects.filter(name="Cup").exists()


def test_pictures_of_an_item_that_is_gone_are_asked_for(admin_client: Client, mug: Item) -> None:
    form = opened_form(admin_client, address_of(mug)) | {"_saveasnew": "Save as new"}
    mug.delete()
    page = save(admin_client, address_of(mug), form)
    assert page.count("Somebody has deleted this picture") == 2


def test_a_picture_that_was_deleted_meanwhile_is_explained(admin_client: Client, mug: Item) -> None:
    form = opened_form(admin_client, address_of(mug)) | {"_saveasnew": "Save as new"}
    mug.pictures.get(position=2).delete()
    for _press in range(2):
        page = save(admin_client, address_of(mug), form, name="Cup")
        assert page.count('class="errorlist"') == 1
        assert 'id="id_pictures-1-image_error"><li>Somebody has deleted this picture' in page
        form = fields_of(page) | {"_saveasnew": "Save as new"}
    emptied = {"pictures-1-alternative": ""}
    assert save(admin_client, address_of(mug), form, name="Cup", **emptied) == ""
    assert [each.alternative for each in Item.objects.get(name="Cup").pictures.all()] == ["Side 1"]


def test_the_fields_of_a_picture_have_names(admin_client: Client, mug: Item) -> None:
    page = admin_client.get(address_of(mug)).content.decode()
    for row in ("0", "1", "2", "__prefix__"):  # two pictures, and two rows for others
        for field in ("image", "alternative", "position"):
            assert f'for="id_pictures-{row}-{field}"' in page


def test_staff_without_add_right_cannot_save_as_new(mug: Item) -> None:
    client = client_of_staff("store.view_item", "store.change_item")
    assert "_saveasnew" not in client.get(address_of(mug)).content.decode()
    form = {"name": "Cup", "_saveasnew": "Save as new"}
    assert client.post(address_of(mug), form).status_code == 403


def test_says_that_pictures_are_not_copied_without_the_rights(mug: Item) -> None:
    client = client_of_staff("store.add_item", "store.change_item", "store.view_picture")
    form = opened_form(client, address_of(mug)) | {"name": "Cup", "_saveasnew": "Save as new"}
    page = client.post(address_of(mug), form, follow=True).text
    assert not Item.objects.get(name="Cup").pictures.exists()
    assert "The pictures weren’t copied, because you can’t change pictures." in page


def test_says_nothing_about_pictures_that_were_deleted_in_the_form(
    admin_client: Client, mug: Item
) -> None:
    deleted = {"pictures-0-DELETE": "on", "pictures-1-DELETE": "on"}
    form = opened_form(admin_client, address_of(mug)) | deleted
    form |= {"name": "Cup", "_saveasnew": "Save as new"}
    page = admin_client.post(address_of(mug), form, follow=True).text
    assert not Item.objects.get(name="Cup").pictures.exists()
    assert "copied" not in page
