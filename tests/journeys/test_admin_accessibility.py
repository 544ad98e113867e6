"""The pages on which staff edit the catalogue: axe in both color schemes, and on a small screen."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.pages import assert_accessible, put_in_cart
from tests.support.shops import Shop
from tests.support.staff import log_in


def open_prices(page: Page) -> None:
    """Choose the items of the list, and look at the new prices."""
    page.goto("/admin/store/item/")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option("change_prices")
    page.get_by_role("button", name="Run").click()
    page.locator("#id_number").fill("10")
    page.locator("[name=preview]").click()
    expect(page.get_by_role("columnheader", name="New price")).to_be_visible()


def right_edge(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box
    return box["x"] + box["width"]


def test_pages_of_editing_are_accessible(
    new_context: Callable[..., Any], shop: Shop, new_item: Callable[..., int]
) -> None:
    item = new_item(name="Mug", stock=1)
    page = new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    put_in_cart(page, item)  # so that the page of its deletion offers to hide it
    log_in(page, shop)
    pages: list[Callable[[], Any]] = [
        lambda: page.goto("/admin/"),
        lambda: page.goto("/admin/store/item/"),
        lambda: page.goto(f"/admin/store/item/{item}/delete/"),
        lambda: open_prices(page),
    ]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for open_page in pages:  # anew, since links change their color slowly
            open_page()
            assert_accessible(page, only_colors=scheme == "dark")
    page.goto("/admin/")
    assert right_edge(page, "#missing") > right_edge(page, "#content-related") - 20
