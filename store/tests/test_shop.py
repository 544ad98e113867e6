"""The shop's own name in its pages."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from store.models import Item, Shop
from tests.support.shop_row import edit_shop

CONTACT = {
    "name": "Mug & Co",
    "email": "hello@mug.example",
    "phone": "+49 30 1234",
    "postal_address": "Mug & Co GmbH\nTopfstraße 1",
    "tax_id": "DE123",
}


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/", "All items · Mug &amp; Co"),
        ("/item/{item}", "Stoneware mug · Mug &amp; Co"),
        ("/order", "Cart · Mug &amp; Co"),
    ],
)
def test_pages_have_the_name(client: Client, item: Item, address: str, title: str) -> None:
    edit_shop(name="Mug & Co")
    page = client.get(address.format(item=item.pk)).text
    assert f"<title>{title}</title>" in page
    assert "Mug &amp; Co" in page.partition("<header")[2].partition("</header>")[0]
    assert "Minicart" not in page


def test_the_footer_has_the_contact(client: Client, db: None) -> None:
    edit_shop(**CONTACT)
    footer = client.get("/").text.partition("<footer")[2]
    assert '<a href="mailto:hello@mug.example">hello@mug.example</a>' in footer
    assert "Mug &amp; Co GmbH<br>Topfstraße 1" in footer
    assert "+49 30 1234" in footer
    assert "Tax ID DE123" in footer


def test_a_shop_without_contact_has_no_empty_place_for_it(client: Client, db: None) -> None:
    assert "<address>" not in client.get("/").text


def test_the_notice_is_on_each_page_as_text(client: Client, item: Item) -> None:
    edit_shop(notice="Back on <b>Monday</b>")
    for address in ("/", f"/item/{item.pk}", "/order", "/nothing"):
        page = client.get(address).text
        assert 'role="note">Back on &lt;b&gt;Monday&lt;/b&gt;</p>' in page


def test_the_sentence_is_the_description_of_the_list(client: Client, db: None) -> None:
    assert 'name="description"' not in client.get("/").text
    edit_shop(sentence="Mugs from Berlin.")
    page = client.get("/").text
    assert 'name="description" property="og:description" content="Mugs from Berlin."' in page
    assert '<p class="lead">Mugs from Berlin.</p>' in page


def test_the_logo_is_in_the_header(client: Client, db: None, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    picture = BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    shop = edit_shop()
    shop.logo.save("logo.png", ContentFile(picture.getvalue()))
    header = client.get("/").text.partition("<header")[2].partition("</header>")[0]
    assert f'<img class="site-logo" src="{shop.logo.url}" alt="">' in header
    assert "mark.svg" not in client.get("/").text


def test_the_admin_has_the_name_and_says_which_software_it_is(
    admin_client: Client, db: None
) -> None:
    edit_shop(name="Mug & Co")
    page = admin_client.get("/admin/").text
    assert "Mug &amp; Co administration" in page
    assert "| Mug &amp; Co</title>" in page
    assert "Minicart" in page.partition('<footer id="footer">')[2]


def test_the_shop_is_read_once_for_many_pages(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Shop.current()
    with django_assert_num_queries(0):
        assert Shop.current().name == "Minicart"
    edit_shop(name="Mug & Co")
    assert Shop.current().name == "Mug & Co"


def test_error_pages_need_no_database(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_shop(name="Mug & Co")
    Shop.current()

    def fail(*_arguments: Any, **_values: Any) -> None:
        raise DatabaseError

    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)
        patch.setattr("web.short_cache.SECONDS", 0)
        missing, failed = client.get("/nothing"), client.get("/")
    assert (missing.status_code, failed.status_code) == (404, 500)
    assert "There is no such page" in missing.text
    assert "went wrong on our side" in failed.text
    assert "Mug &amp; Co" in failed.text
