"""The pages with {% kept %} are those that the templates would have without it."""

from typing import Any

import pytest
from django.test import Client

from store.models import Collection, Item, Page
from tests.support.carts import HTMX, add
from tests.support.presses import new_browser
from tests.support.shop_row import edit_shop
from tests.support.unkept_templates import unkept_templates

CONTACT = {"name": "Mug & Co", "phone": "+49 30 1234", "accent_color": "#1f5f4a"}


def pages_of(client: Client, item: Item, language: str) -> dict[str, bytes]:
    headers = {"Accept-Language": language}
    addresses = ["/", f"/item/{item.pk}", "/order", "/pages/about", "/nothing?a=<b>", "/order/find"]
    addresses += ["/?collection=tea", "/?q=mug", "/?q=cup&collection=tea&sort=price"]
    pages = {address: client.get(address, headers=headers).content for address in addresses}
    pages["fragment"] = client.get("/order", headers=headers | HTMX).content
    return pages


@pytest.mark.parametrize("methods", [["checkout", "intent"], ["checkout"], ["intent"]])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_kept_part_changes_no_byte(
    client: Client, item: Item, settings: Any, language: str, methods: list[str]
) -> None:
    settings.PAYMENT_METHODS = methods
    edit_shop(**CONTACT)
    Page.objects.create(slug="about", title="About <us>", text="Hello.")
    Collection.objects.create(slug="tea", name="Tea & <cups>").items.add(item)
    add(client, item)
    pages_of(new_browser(), item, language)
    kept = pages_of(client, item, language)
    settings.TEMPLATES = unkept_templates()
    assert pages_of(client, item, language) == kept


def test_a_list_does_not_replace_what_other_pages_keep(client: Client, item: Item) -> None:
    Collection.objects.create(slug="tea", name="Tea")
    client.get(f"/item/{item.pk}")
    client.get("/?collection=tea")
    Collection.in_header()[0].name = "Rendered again"
    assert "Rendered again" not in client.get(f"/item/{item.pk}").text


def test_what_staff_change_is_on_the_next_page(client: Client, item: Item) -> None:
    add(client, item)
    page = Page.objects.create(slug="about", title="About us", text="Hello.")
    before = client.get("/order").text
    edit_shop(name="Mug & Co", phone="+49 30 1234", accent_color="#1f5f4a", notice="Holidays")
    page.title = "Who <we> are"
    page.save()
    after = client.get("/order").text
    for text in ("Mug &amp; Co", "+49 30 1234", "/theme", "Holidays", "Who &lt;we&gt; are"):
        assert text in after
        assert text not in before
    page.delete()
    assert "Who &lt;we&gt; are" not in client.get("/order").text
