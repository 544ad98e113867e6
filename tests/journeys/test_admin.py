"""A member of staff in the admin."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.shops import Shop
from tests.support.staff import log_in


def test_staff_log_in_and_change_an_item_without_a_token(page: Page, shop: Shop) -> None:
    log_in(page, shop)
    page.get_by_role("link", name="Items", exact=True).first.click()
    page.locator("#result_list tbody th a").first.click()
    page.get_by_label("Description").fill("Changed in the admin.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text(re.compile("was changed successfully"))
    assert {each["name"] for each in page.context.cookies()} == {"sessionid"}
    page.get_by_role("button", name="Log out").click()
    page.goto("/admin/")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_filters_search_and_select_all_are_above_the_items_on_a_phone(
    new_context: Callable[..., Any], shop: Shop, new_item: Callable[..., int]
) -> None:
    new_item(name="Mug")
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    log_in(page, shop)
    page.goto("/admin/store/item/?q=mug")
    filters = page.locator("#changelist-filter").bounding_box()
    items = page.locator("#result_list tbody").bounding_box()
    assert filters
    assert items
    assert filters["y"] + filters["height"] <= items["y"]
    button = page.get_by_role("button", name="Search").bounding_box()
    assert button
    assert button["height"] < 40
    page.locator("#action-toggle").check()
    expect(page.locator("#result_list .action-select").first).to_be_checked()


@pytest.mark.parametrize("model", ["collection", "page"])
def test_lists_are_not_cut_off_on_a_phone(
    new_context: Callable[..., Any], shop: Shop, model: str
) -> None:
    shop.run_python(
        "from store.models import Collection; Collection.objects.get_or_create("
        "slug='of-a-long-name', defaults={'name': 'Paper and pencils', 'is_listed': False})"
    )
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    log_in(page, shop)
    page.goto(f"/admin/store/{model}/")
    expect(page.locator("#result_list .field-position input").first).to_be_visible()
    assert page.locator(".results").evaluate("each => each.scrollWidth <= each.clientWidth")


WIDE_ROWS = """
from django.utils import timezone
from cart.models import ShippingRate
from notifications.models import Mail, MailReason
countries = ["AT", "BE", "DE", "ES", "FR", "IE", "IT", "NL"]
amounts = {"currency": "USD", "amount": 123450, "free_from_amount": 5000000}
ShippingRate.objects.create(
    name="W" * 100, countries=countries, delivery_time="2–4 working days",
    is_active=False, **amounts
)
Mail.objects.create(
    reason=MailReason.LOW_STOCK, to="s" * 50 + "@example.com", state="failed",
    sent_at=timezone.now(), last_error="Connection refused"
)
"""


@pytest.mark.parametrize("address", ["cart/shippingrate", "notifications/mail"])
def test_wide_lists_are_not_cut_off_on_a_laptop(page: Page, shop: Shop, address: str) -> None:
    shop.run_python(WIDE_ROWS)
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, shop)
    page.goto(f"/admin/{address}/")
    assert page.locator(".results").evaluate("each => each.scrollWidth <= each.clientWidth")


def test_the_state_and_the_error_of_a_mail_are_in_view_on_a_phone(
    new_context: Callable[..., Any], shop: Shop
) -> None:
    shop.run_python(WIDE_ROWS)
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    log_in(page, shop)
    page.goto("/admin/notifications/mail/?state__exact=failed")
    assert page.locator(".results").evaluate("each => each.scrollWidth <= each.clientWidth")
    row = page.locator("#result_list tbody tr").first
    expect(row).to_contain_text("failed")
    expect(row).to_contain_text("Connection refused")


def test_a_long_name_stays_in_its_part_of_the_first_page(
    page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    new_item(name=f"Donau{35 * 'dampf'}schiff", stock=0)
    log_in(page, shop)
    low_stock = page.get_by_role("region", name="Low stock")
    expect(low_stock.get_by_role("link", name="Donaudampf")).to_be_visible()
    assert low_stock.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_the_link_that_clears_all_filters_is_below_them(page: Page, shop: Shop) -> None:
    log_in(page, shop)
    page.goto("/admin/store/item/?is_listed__exact=1")
    link = page.get_by_role("link", name="Clear all filters").bounding_box()
    last = page.locator("#changelist-filter details").last.bounding_box()
    assert link
    assert last
    assert link["y"] >= last["y"] + last["height"]


@pytest.mark.parametrize("way", ["double click", "held Enter"])
def test_a_double_press_adds_one_item(page: Page, shop: Shop, way: str) -> None:
    name = f"Pressed by {way}"
    log_in(page, shop)
    page.goto("/admin/store/item/add/")
    page.get_by_label("Name:").fill(name)
    page.get_by_label("Price:").fill("5")
    page.get_by_label("Listed").uncheck()  # the list of the other tests stays as it is
    if way == "double click":
        page.get_by_role("button", name="Save", exact=True).dblclick(delay=20)
    else:
        page.get_by_label("Name:").focus()
        for _ in range(3):
            page.keyboard.down("Enter")
        page.keyboard.up("Enter")
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")
    page.goto(f"/admin/store/item/?q={name.replace(' ', '+')}")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
