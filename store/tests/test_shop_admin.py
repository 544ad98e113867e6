from io import BytesIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from store.models import Shop
from tests.support.admin_forms import fields_of, opened_form, save
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


def test_names_the_countries_in_the_language_of_staff(admin_client: Client) -> None:
    assert '<option value="DE">Germany</option>' in admin_client.get(ADDRESS).text
    page = admin_client.get(ADDRESS, headers={"Accept-Language": "ru"}).text
    assert '<option value="DE">Германия</option>' in page


@pytest.mark.parametrize(("kind", "end"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp")])
@pytest.mark.parametrize("name", ["My logo.gif", "logo.html"])
def test_takes_a_logo_and_names_it_by_its_content(
    admin_client: Client, settings: Any, tmp_path: Any, name: str, kind: str, end: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
    assert upload(admin_client, name, picture(kind)) == ""
    assert Shop.objects.get().logo.name == f"shop/logo.{end}"
    assert save(admin_client, ADDRESS, opened_form(admin_client, ADDRESS), name="Mug") == ""
    assert Shop.objects.get().logo.name == f"shop/logo.{end}"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG isn’t accepted"),
        ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG isn’t accepted"),
        ("logo.gif", picture("GIF"), "must be a PNG, JPEG or WebP picture"),
        ("logo.png", b"x" * 1_000_001, "larger than 1 MB"),
        ("logo.png", picture("PNG", (4001, 1)), "more than 4000 pixels"),
    ],
    ids=["svg", "svg named png", "gif", "too large", "too wide"],
)
def test_refuses_another_logo_in_words(
    admin_client: Client, settings: Any, tmp_path: Any, name: str, content: bytes, sentence: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
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
