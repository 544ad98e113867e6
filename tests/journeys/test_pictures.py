"""The pictures of an item in the browser, and their rows in the admin on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import assert_accessible_in_both_schemes
from tests.support.shops import Shop
from tests.support.staff import log_in

ADD = """
from django.core.files.base import ContentFile
from PIL import Image
from store.models import Picture
from store.pictures.sizes import make_missing_sizes
from tests.support.photos import encoded
for colour, size in {{"red": (1500, 1000), "green": (1000, 1500), "blue": (900, 900)}}.items():
    file = ContentFile(encoded(Image.new("RGB", size, colour), "PNG"), "a.png")
    text = "" if colour == "blue" else "A " + colour + " mug"
    Picture.objects.create(item_id={item}, image=file, alternative=text)
list(make_missing_sizes())  # as the worker of the shop may do at the same time
"""
MOVEMENT = """() => new Promise((resolve) => {
  let movement = 0;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) movement += each.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(movement), 200);
})"""


@pytest.fixture
def item(shop: Shop, new_item: Callable[..., int]) -> int:
    made = new_item(name="Three mugs")
    shop.run_python(ADD.format(item=made))
    return made


def left_of_large(page: Page, number: int) -> float:
    """How far the large picture is from where the first one is seen."""
    row, box = (
        page.locator(each).bounding_box() for each in (".large-pictures", f"#picture-{number}")
    )
    assert row
    assert box
    return abs(box["x"] - row["x"])


@pytest.mark.parametrize("width", [360, 1280])
def test_small_pictures_lead_to_the_large_ones_without_javascript(
    new_context: Callable[..., Any], item: int, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = new_context(java_script_enabled=False, viewport=size).new_page()
    page.goto(f"/item/{item}")
    links = page.get_by_role("navigation", name="Pictures").get_by_role("link")
    expect(links).to_have_count(3)
    for number, name in enumerate(["A red mug", "A green mug", "Picture 3"], start=1):
        link = links.nth(number - 1)
        expect(link).to_have_accessible_name(name)
        link.press("Enter")
        expect(page.locator(f"#picture-{number} img")).to_be_in_viewport(ratio=0.9)
        assert left_of_large(page, number) < 2
        expect(link).to_be_in_viewport()  # the page stays where it is


def test_pictures_are_accessible_and_nothing_moves(
    new_context: Callable[..., Any], item: int
) -> None:
    page = new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    page.goto(f"/item/{item}", wait_until="networkidle")
    assert page.evaluate(MOVEMENT) == 0
    page.locator(".small-pictures a").last.click()
    assert page.evaluate(MOVEMENT) == 0
    assert_accessible_in_both_schemes(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_all_large_pictures_have_the_size_of_the_first(
    new_context: Callable[..., Any], item: int, width: int
) -> None:
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(f"/item/{item}")
    row = page.locator(".large-pictures").bounding_box()
    assert row
    assert row["height"] == pytest.approx(row["width"] * 2 / 3, abs=1)
    for large in page.locator(".large-pictures img").all():
        box = large.bounding_box()
        assert box
        assert (box["width"], box["height"]) == (row["width"], row["height"])


def test_small_pictures_add_nothing_to_the_history(page: Page, item: int) -> None:
    page.goto(f"/item/{item}")
    length = page.evaluate("history.length")
    links = page.locator(".small-pictures a")
    shown = page.locator(".small-pictures [aria-current]")
    expect(shown).to_have_accessible_name("A red mug")
    for number, name in ((3, "Picture 3"), (2, "A green mug")):
        links.nth(number - 1).click()
        expect(shown).to_have_accessible_name(name)
        assert left_of_large(page, number) < 2
    assert page.evaluate("history.length") == length


def test_a_phone_shows_the_whole_row_of_a_picture_to_staff(
    new_context: Callable[..., Any], shop: Shop, item: int
) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    log_in(page, shop)
    page.goto(f"/admin/store/item/{item}/change/")
    for field in ("image", "alternative", "position", "DELETE"):
        box = page.locator(f"#id_pictures-0-{field}").bounding_box()
        assert box
        assert box["x"] >= 0, field
        assert box["x"] + box["width"] <= 360, field
    word, name = (
        page.locator(f"#pictures-0 h3 > {each}").bounding_box()
        for each in ("b", "span.inline_label")
    )
    assert word
    assert name
    assert word["x"] + word["width"] + 3 < name["x"]


def test_a_picture_leaves_room_for_the_name_on_a_phone_that_is_held_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 740, "height": 360})
    page.goto("/item/1")
    picture = page.locator(".item-picture img").first.bounding_box()
    assert picture
    assert picture["height"] <= 360
