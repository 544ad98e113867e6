import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from store.models import Item, Shop
from store.pictures.names import ICON_SIDES
from store.pictures.unused import delete_unused
from tests.support.admin_forms import fields_of, opened_form, save
from tests.support.photos import bomb, photo
from tests.support.pictures import add_picture
from tests.support.shop_row import edit_shop

ADDRESS = "/admin/store/shop/1/change/"
SWITCH = "/admin/store/shop/closed"
VALUES = {
    "name": "Mug & Co",
    "sentence": "Mugs.",
    "accent_color": "#1f5f4a",
    "email": "hello@mug.example",
    "country": "DE",
    "notice": "Back on Monday",
}


def picture(kind: str, size: tuple[int, int] = (40, 20)) -> bytes:
    content = BytesIO()
    Image.new("RGB", size, "red").save(content, kind)
    return content.getvalue()


def upload(client: Client, name: str, content: bytes) -> str:
    file = SimpleUploadedFile(name, content)
    return save(client, ADDRESS, opened_form(client, ADDRESS), logo=file)


def test_shop_leads_straight_to_its_form(admin_client: Client) -> None:
    assert '<a href="/admin/store/shop/"' in admin_client.get("/admin/").text
    assert admin_client.get("/admin/store/shop/")["Location"] == ADDRESS
    page = admin_client.get(ADDRESS).text
    assert 'name="name" value="Minicart"' in page
    assert "deletelink" not in page
    assert "is_closed" not in fields_of(page)


def test_there_is_one_shop(admin_client: Client) -> None:
    assert admin_client.get("/admin/store/shop/add/").status_code == 403
    assert admin_client.get("/admin/store/shop/2/change/").status_code == 302
    assert admin_client.post("/admin/store/shop/1/delete/", {"post": "yes"}).status_code == 403


def test_a_merchant_names_the_shop_and_sees_it_at_once(admin_client: Client) -> None:
    assert "Minicart" in admin_client.get("/").text
    assert save(admin_client, ADDRESS, opened_form(admin_client, ADDRESS), **VALUES) == ""
    shop = Shop.objects.get()
    assert {name: getattr(shop, name) for name in VALUES} == VALUES
    page = admin_client.get("/").text
    assert "Mug &amp; Co" in page
    assert "Back on Monday" in page


def test_another_member_of_staff_is_not_overwritten(admin_client: Client) -> None:
    form = opened_form(admin_client, ADDRESS)
    edit_shop(phone="123", is_closed=True)
    page = save(admin_client, ADDRESS, form, phone="456")
    assert "This was changed from" in page
    form = fields_of(page)
    assert save(admin_client, ADDRESS, form) == ""
    shop = Shop.objects.get()
    assert (shop.phone, shop.is_closed) == ("456", True)


@pytest.mark.parametrize(
    ("field", "value"), [("accent_color", "red"), ("country", "XX"), ("email", "x"), ("name", "")]
)
def test_refuses_a_wrong_value_in_place(admin_client: Client, field: str, value: str) -> None:
    page = save(admin_client, ADDRESS, opened_form(admin_client, ADDRESS), **{field: value})
    assert f'id="id_{field}_error"' in page


def test_says_what_a_colour_is(admin_client: Client) -> None:
    form = opened_form(admin_client, ADDRESS)
    assert "Enter a colour like #1f5f4a." in save(admin_client, ADDRESS, form, accent_color="red")


def test_says_that_a_logo_is_also_seen_on_a_dark_ground(admin_client: Client) -> None:
    page = admin_client.get(ADDRESS).text
    assert "best with a transparent ground. Many buyers see the shop in dark colours" in page


def test_names_the_countries_in_the_language_of_staff(admin_client: Client) -> None:
    assert '<option value="DE">Germany</option>' in admin_client.get(ADDRESS).text
    page = admin_client.get(ADDRESS, headers={"Accept-Language": "ru"}).text
    assert '<option value="DE">Германия</option>' in page


def test_sorts_countries_as_readers_look_for_them(admin_client: Client) -> None:
    page = admin_client.get(ADDRESS).text
    names = ("Afghanistan<", "Åland Islands<", "Albania<", "Zimbabwe<")
    places = [page.index(name) for name in names]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["My logo.gif", "logo.html"])
@pytest.mark.parametrize(
    ("kind", "end"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp"), ("GIF", "png")]
)
def test_takes_a_logo_and_names_it_itself(
    admin_client: Client, settings: Any, tmp_path: Path, name: str, kind: str, end: str
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    assert upload(admin_client, name, picture(kind)) == ""
    logo = Shop.objects.get().logo.name or ""
    assert re.fullmatch(rf"shop/[0-9a-f]{{12}}\.{end}", logo)
    assert save(admin_client, ADDRESS, opened_form(admin_client, ADDRESS), name="Mug") == ""
    assert Shop.objects.get().logo.name == logo


def test_a_logo_is_stored_without_metadata_and_with_icons(
    admin_client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    assert upload(admin_client, "logo.jpg", photo()) == ""
    shop = Shop.objects.get()
    assert b"Anna" not in (tmp_path / f"{shop.logo.name}").read_bytes()
    page = admin_client.get("/").text
    for side, url in ((32, shop.icon_url(32)), (180, shop.icon_url(180))):
        assert f'href="{url}"' in page
        with Image.open(tmp_path / url.removeprefix("/media/")) as icon:
            assert (icon.size, icon.format) == ((side, side), "PNG")
            assert icon.getpixel((0, 0))[3] == 0  # type: ignore[index]  # it is wider than high


def test_a_large_logo_is_stored_smaller(
    admin_client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    assert upload(admin_client, "logo.png", picture("PNG", (3000, 1500))) == ""
    with Image.open(tmp_path / f"{Shop.objects.get().logo.name}") as stored:
        assert stored.size == (800, 400)


def test_a_shop_without_a_logo_has_no_icon(db: None) -> None:
    assert Shop.current().icon_url(32) == ""


def test_an_old_logo_is_deleted_with_its_icons(
    admin_client: Client, settings: Any, tmp_path: Path, item: Item
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    tomorrow = timezone.now() + timedelta(days=1)
    for _ in range(2):
        assert upload(admin_client, "logo.png", picture("PNG")) == ""
        list(delete_unused(at=tomorrow))
        assert len(list(tmp_path.rglob("*.png"))) == 1 + len(ICON_SIDES)
    add_picture(item)
    form = opened_form(admin_client, ADDRESS)
    assert save(admin_client, ADDRESS, form, **{"logo-clear": "on"}) == ""
    assert not Shop.objects.get().logo
    list(delete_unused(at=tomorrow))
    assert list(tmp_path.rglob("*.png")) == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG isn’t accepted"),
        ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG isn’t accepted"),
        ("logo.png", picture("TIFF"), "Choose a picture in JPEG, PNG, WebP, AVIF or GIF"),
        ("logo.png", b"x" * 20_000_001, "larger than 20 MB"),
        ("logo.png", bomb(13_000, 13_000), "more than 50 megapixels"),
    ],
    ids=["svg", "svg named png", "tiff", "too large", "bomb"],
)
def test_refuses_another_logo_in_words(
    admin_client: Client, settings: Any, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    assert sentence in upload(admin_client, name, content)
    assert not list(tmp_path.rglob("*.*"))


def test_one_click_closes_the_shop_and_one_opens_it(admin_client: Client) -> None:
    for address in ("/admin/", ADDRESS):
        page = admin_client.get(address).text
        assert "The shop is open." in page
        assert '<button class="button" name="is_closed" value="1">' in page
    answer = admin_client.post(SWITCH, {"is_closed": "1"}, follow=True)
    assert "The shop was closed." in answer.text
    assert Shop.objects.get().is_closed
    page = admin_client.get("/admin/store/item/").text  # every page says so
    assert "The shop is closed." in page
    assert '<button class="button" name="is_closed" value="0">' in page
    admin_client.post(SWITCH, {"is_closed": "0"})
    assert not Shop.objects.get().is_closed
    assert "closed-switch" not in admin_client.get("/admin/store/item/").text
    entries = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(entries) == ["The shop was closed.", "The shop was opened."]


def test_a_double_click_closes_it_once(admin_client: Client) -> None:
    for _press in range(2):
        admin_client.post(SWITCH, {"is_closed": "1"})
    assert Shop.objects.get().is_closed
    assert LogEntry.objects.count() == 1


def test_a_get_closes_nothing(admin_client: Client) -> None:
    assert admin_client.get(SWITCH, {"is_closed": "1"})["Location"] == ADDRESS
    assert not Shop.current().is_closed


def test_only_staff_with_the_permission_can_close_it(client: Client, db: None) -> None:
    helper = User.objects.create_user("helper", is_staff=True)
    client.force_login(helper)
    assert "closed-switch" not in client.get("/admin/").text
    assert client.post(SWITCH, {"is_closed": "1"}).status_code == 403
    helper.user_permissions.add(Permission.objects.get(codename="change_shop"))
    assert client.post(SWITCH, {"is_closed": "1"}).status_code == 303
    assert Shop.objects.get().is_closed


def test_staff_see_what_another_process_has_stored(admin_client: Client) -> None:
    edit_shop()
    Shop.current()
    Shop.objects.update(is_closed=True)  # tells this process nothing
    assert "The shop is closed." in admin_client.get("/admin/").text
