"""Adding an item from its page and from the list: quantity, toast, count, the bar on a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.pay_here import open_form
from tests.support.screens import filled_buttons

PHONE = {"width": 360, "height": 780}


def toast(page: Page) -> Any:
    return page.locator(".toast")


def let_animations_end(page: Page) -> None:
    page.evaluate("document.getAnimations().forEach((each) => each.finish())")


def test_the_chosen_quantity_is_added(page: Page) -> None:
    page.goto("/item/1")
    quantity = page.get_by_label("Quantity")
    page.get_by_role("button", name="One less").click()
    expect(quantity).to_have_value("1")
    page.get_by_role("button", name="One more").dblclick()
    expect(quantity).to_have_value("3")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("#cart-badge .count")).to_contain_text("3")
    expect(quantity).to_have_value("1")


def test_a_wrong_quantity_stays_in_its_field(page: Page, plain_page: Page) -> None:
    for each in (page, plain_page):
        each.goto("/item/1")
        quantity = each.get_by_label("Quantity")
        quantity.fill("1.5")
        each.get_by_role("button", name="Add to cart").click()
        expect(each.locator("#add-1 .message")).to_contain_text("must be a whole number")
        expect(quantity).to_have_value("1.5")


def test_without_javascript_the_quantity_is_typed(plain_page: Page) -> None:
    plain_page.goto("/item/1")
    expect(plain_page.get_by_role("button", name="One more")).to_be_hidden()
    plain_page.get_by_label("Quantity").fill("4")
    plain_page.get_by_role("button", name="Add to cart").click()
    expect(plain_page.get_by_label(re.compile("^Quantity"))).to_have_value("4")


@pytest.mark.parametrize("path", ["/", "/item/1"])
def test_the_toast_goes_away_and_comes_again_with_the_next_press(page: Page, path: str) -> None:
    page.goto(path)
    for quantity in ("1", "2"):
        page.locator(".add .button").first.click()
        expect(page.locator("#cart-badge .count")).to_contain_text(quantity)
        expect(toast(page)).to_have_text(re.compile("Added · View cart"))
        expect(toast(page)).to_be_visible()
        expect(page.locator("#cart-badge .count")).to_have_css("animation-name", "count")
        let_animations_end(page)
        expect(toast(page)).to_be_hidden()
    expect(page.locator("#announcement")).to_contain_text("In the cart: 2")


def test_the_toast_only_disappears_where_less_motion_is_asked_for(
    new_context: Callable[..., Any],
) -> None:
    page = new_context(reduced_motion="reduce").new_page()
    page.goto("/item/1")
    page.get_by_role("button", name="Add to cart").click()
    expect(toast(page)).to_be_visible()
    animations = "document.getAnimations().map((each) => [each.animationName, each.playState])"
    assert page.evaluate(animations) == [["toast-ends", "running"]]
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="View cart")).to_be_focused()
    assert page.evaluate(animations) == [["toast-ends", "paused"]]
    expect(toast(page)).to_have_css("opacity", "1")
    let_animations_end(page)
    expect(toast(page)).to_be_hidden()


def test_only_the_last_toast_is_shown(page: Page) -> None:
    page.goto("/")
    for number in (1, 2, 3):
        page.locator(".add .button").nth(number).click()
        expect(page.locator("#cart-badge .count")).to_contain_text(str(number))
        expect(page.locator(".item-card").nth(number).locator(".toast")).to_be_visible()
    expect(toast(page)).to_have_count(1)


def test_a_mouse_in_a_narrow_window_adds_twice(new_context: Callable[..., Any]) -> None:
    page = new_context(viewport=PHONE).new_page()
    page.goto("/item/1")
    page.get_by_role("button", name="Add to cart").click()
    expect(toast(page)).to_have_css("opacity", "1")
    x, y = page.locator(".add-bar .button").evaluate(
        "each => { const box = each.getBoundingClientRect();"
        "return [box.x + box.width / 2, box.y + box.height / 2] }"
    )
    page.mouse.click(x, y)
    expect(page.locator("#cart-badge .count")).to_contain_text("2")
    expect(page).to_have_url(re.compile("/item/1$"))


def test_a_picture_isnt_cut_to_a_square_on_the_items_page(page: Page) -> None:
    page.goto("/item/1")
    picture = page.locator(".item-picture img").first
    expect(picture).to_have_css("aspect-ratio", re.compile("^auto"))
    expect(picture).to_have_css("object-fit", "contain")


def test_price_and_add_are_at_the_bottom_edge_of_a_phone(new_context: Callable[..., Any]) -> None:
    page = new_context(viewport=PHONE).new_page()
    page.goto("/item/1")
    bar = page.locator(".add-bar")
    for scrolled in (0, 10_000):
        page.evaluate("y => scrollTo(0, y)", scrolled)
        box = bar.bounding_box()
        assert box
        assert (box["x"], box["width"]) == (0, PHONE["width"])
        assert box["y"] + box["height"] == PHONE["height"]
    expect(bar.get_by_text("$19.99")).to_be_visible()
    footer = page.locator(".site-footer-parts").bounding_box()
    assert footer
    assert footer["y"] + footer["height"] <= box["y"] + 1  # the bar hides nothing of the page
    open_form(page)
    expect(bar).to_have_css("position", "static")
    page.set_viewport_size({"width": 1280, "height": 780})
    expect(bar.get_by_text("$19.99")).to_be_hidden()


def test_each_page_has_one_filled_button(page: Page) -> None:
    page.goto("/")
    assert filled_buttons(page) == []
    page.goto("/item/1")
    assert filled_buttons(page) == ["Add to cart"]
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="View cart").click()
    expect(page.get_by_role("heading", name="Cart")).to_be_visible()
    assert filled_buttons(page) == ["Buy"]


def test_prices_of_a_row_are_aligned_and_long_names_are_cut(
    page: Page, new_item: Callable[..., int]
) -> None:
    new_item(name="A mug")
    new_item(name="A mug with a name that is longer than two lines of a card can ever be, " * 2)
    page.goto("/")
    cards = page.locator(".item-card")
    name = cards.first.locator("h2")
    assert name.evaluate("each => each.scrollHeight > each.clientHeight")
    tops = {each.bounding_box()["y"] for each in cards.locator(".price").all()[:4]}  # type: ignore[index]
    assert len(tops) == 1


def test_a_sold_out_item_has_its_price_on_the_line_of_its_row(
    page: Page, new_item: Callable[..., int]
) -> None:
    new_item(name="A lamp", stock=0)
    new_item(name="A mug")
    page.goto("/?sort=newest")
    middles = []
    for card in page.locator(".item-card").all()[:2]:
        box = card.locator(".price").bounding_box()
        assert box
        middles.append(box["y"] + box["height"] / 2)
    expect(page.locator(".item-card").nth(1).get_by_text("Sold out")).to_be_visible()
    assert abs(middles[0] - middles[1]) < 1
