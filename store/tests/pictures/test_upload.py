"""Pictures in the form of an item."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from store.models import Item, Picture
from tests.support.admin_forms import fields_of, opened_form, save
from tests.support.photos import bomb, photo, plain
from tests.support.pictures import add_picture

ADD = "/admin/store/item/add/"
FIELDS = {
    "name": "Mug",
    "description": "Holds 350 ml.",
    "price": "19.99",
    "currency": "USD",
    "position": "100",
    "pictures-TOTAL_FORMS": "2",
    "pictures-INITIAL_FORMS": "0",
    "pictures-0-position": "100",
    "pictures-1-position": "100",
}

AGAIN = "Nothing was saved yet: choose this picture again"


def file(content: bytes, name: str = "IMG_0815.jpg") -> Any:
    return SimpleUploadedFile(name, content)


def address_of(item: Item) -> str:
    return f"/admin/store/item/{item.pk}/change/"


def test_pictures_are_stored_under_names_of_the_shop(admin_client: Client, media: Path) -> None:
    files = {"pictures-0-image": file(photo()), "pictures-1-image": file(plain("PNG"), "a.png")}
    texts = {"pictures-0-alternative": "A mug", "pictures-1-position": "1"}
    assert save(admin_client, ADD, FIELDS | texts, **files) == ""
    second, first = Picture.objects.order_by("-position")
    assert Item.objects.get().main_picture == first
    assert (second.alternative, second.width, second.height) == ("A mug", 40, 20)
    assert second.needs_sizes
    names = sorted(each.name for each in (media / "items").iterdir())
    assert names == sorted(f"{each.image.name}".removeprefix("items/") for each in (first, second))
    assert "IMG" not in "".join(names)
    assert b"Anna" not in (media / f"{second.image.name}").read_bytes()


@pytest.mark.parametrize(
    "name", ["商" * 90 + ".jpg", "logo.html", "no ending", "a/../b.php", ".jpg"]
)
def test_any_name_is_accepted(admin_client: Client, name: str) -> None:
    assert save(admin_client, ADD, FIELDS, **{"pictures-0-image": file(photo(), name)}) == ""
    assert str(Picture.objects.get().image.name).endswith(".jpeg")


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (bomb(13_000, 13_000), "mug.png", "The picture has more than 50 megapixels"),
        (plain("TIFF"), "mug.png", "The shop can’t show this file"),
        (plain("EPS"), "mug.png", "The shop can’t show this file"),
        (photo()[:-30], "mug.jpg", "The picture is damaged"),
        (b"", "mug.jpg", "The submitted file is empty"),
        (b"x" * 20_000_001, "mug.jpg", "The picture is larger than 20 MB"),
    ],
    ids=["bomb", "tiff", "eps", "damaged", "empty", "bytes"],
)
def test_a_sentence_at_the_field_says_what_is_wrong(
    admin_client: Client, media: Path, content: bytes, name: str, sentence: str
) -> None:
    texts = {"pictures-0-alternative": "A mug", "pictures-0-position": "7"}
    files = {"pictures-0-image": file(content, name), "pictures-1-image": file(photo())}
    page = save(admin_client, ADD, FIELDS | texts, **files)
    assert f'<ul class="errorlist" id="id_pictures-0-image_error"><li>{sentence}' in page
    assert page.count('class="errorlist"') == 2
    assert f'id="id_pictures-1-image_error"><li>{AGAIN}' in page
    assert (FIELDS | texts).items() <= fields_of(page).items()
    assert not Picture.objects.exists()
    assert not media.exists()


def test_pictures_are_read_before_the_transaction(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody else can write meanwhile."""
    depths = list[int]()
    opens = Image.open

    def open_and_look(*args: Any, **options: Any) -> Any:
        depths.append(len(connection.savepoint_ids) + len(connection.atomic_blocks))
        return opens(*args, **options)

    monkeypatch.setattr(Image, "open", open_and_look)
    outside = len(connection.savepoint_ids) + len(connection.atomic_blocks)
    assert save(admin_client, ADD, FIELDS, **{"pictures-0-image": file(photo())}) == ""
    assert depths[0] == outside
    assert Picture.objects.count() == 1


def test_the_form_shows_the_stored_pictures(admin_client: Client, item: Item) -> None:
    add_picture(item)
    page = admin_client.get(address_of(item)).text
    assert 'href="/media/items/mug.webp"><img src="/media/items/mug-160.webp"' in page
    assert 'accept="image/jpeg,image/png,image/webp,image/avif,image/gif"' in page
    assert "js/pictures.js" in page


def test_a_refusal_of_another_field_asks_for_the_pictures_again(
    admin_client: Client, item: Item
) -> None:
    add_picture(item)
    form = opened_form(admin_client, address_of(item))
    files = {"pictures-0-image": file(photo()), "pictures-1-image": file(photo())}
    page = save(admin_client, address_of(item), form, price="0", **files)
    for name in files:
        assert f'id="id_{name}_error"><li>{AGAIN}' in page
    page = save(admin_client, address_of(item), fields_of(page), price="0")
    assert AGAIN not in page


def test_staff_without_the_right_add_no_picture(
    client: Client, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = list[object]()
    monkeypatch.setattr(Image, "open", lambda *args, **_options: opened.append(args))
    client.force_login(User.objects.create_user("helper", is_staff=True))
    answer = client.post(address_of(item), {"pictures-0-image": file(photo())})
    assert answer.status_code == 403
    assert opened == []


def test_a_picture_that_was_deleted_meanwhile(admin_client: Client, item: Item) -> None:
    picture = add_picture(item)
    form = opened_form(admin_client, address_of(item))
    picture.delete()
    page = save(admin_client, address_of(item), form, name="Cup", price="")
    assert page.count('class="errorlist"') == 1
    assert save(admin_client, address_of(item), fields_of(page), price="5") == ""
    item.refresh_from_db()
    assert item.name == "Cup"
    assert not item.pictures.exists()


def test_a_file_for_a_picture_that_was_deleted_meanwhile_is_a_new_picture(
    admin_client: Client, item: Item
) -> None:
    gone, kept = add_picture(item), add_picture(item, position=200)
    form = opened_form(admin_client, address_of(item))
    gone.delete()
    changes: dict[str, Any] = {"pictures-1-alternative": "A cup"}
    changes |= {"pictures-0-image": file(photo()), "pictures-0-alternative": "A mug"}
    changes |= {"pictures-2-image": file(plain("PNG")), "pictures-2-position": "150"}
    assert save(admin_client, address_of(item), form, **changes) == ""
    from_gone, new, same = item.pictures.all()
    assert (from_gone.alternative, from_gone.width, from_gone.position) == ("A mug", 40, 100)
    assert (new.alternative, new.position) == ("", 150)
    assert (same.pk, same.alternative, same.image.name) == (kept.pk, "A cup", kept.image.name)


def test_a_text_for_a_picture_that_was_deleted_meanwhile_needs_a_file(
    admin_client: Client, item: Item
) -> None:
    gone = add_picture(item, position=5)
    form = opened_form(admin_client, address_of(item))
    gone.delete()
    page = save(admin_client, address_of(item), form, **{"pictures-0-alternative": "A mug"})
    assert page.count('class="errorlist"') == 1
    assert 'id="id_pictures-1-image_error"><li>Somebody has deleted this picture while' in page
    page = save(admin_client, address_of(item), fields_of(page))  # the same explanation again
    assert 'id="id_pictures-1-image_error"><li>Somebody has deleted this picture while' in page
    form = fields_of(page)
    assert form["pictures-1-alternative"] == "A mug"
    again: dict[str, Any] = {"pictures-1-image": file(photo())}
    assert save(admin_client, address_of(item), form, **again) == ""
    assert (item.pictures.get().alternative, item.pictures.get().position) == ("A mug", 5)


def test_the_emptied_row_of_a_picture_that_was_deleted_meanwhile_is_none(
    admin_client: Client, item: Item
) -> None:
    gone = add_picture(item, position=5)
    form = opened_form(admin_client, address_of(item))
    gone.delete()
    page = save(admin_client, address_of(item), form, **{"pictures-0-alternative": "A mug"})
    assert (
        save(admin_client, address_of(item), fields_of(page) | {"pictures-1-alternative": ""}) == ""
    )
    assert not item.pictures.exists()
