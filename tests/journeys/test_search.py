"""Finding an item in the browser."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support import network
from tests.support.screens import assert_nothing_is_cut_off
from tests.support.shops import Shop
from tests.support.waiting import wait_until


@pytest.fixture(scope="module", autouse=True)
def _more_items(shop: Shop) -> Iterator[None]:
    """More than a page shows, which are there only for these tests."""
    shop.run_python(
        "from store.models import Item\n"
        "for n in range(3):\n"
        "    Item.objects.create(name=f'Ёлочный шар {n}', price=5 + n, currency='USD')"
    )
    yield
    shop.run_python(
        "from store.models import Item; Item.objects.filter(name__startswith='Ёлочный').delete()"
    )


def cards(page: Page) -> list[str]:
    return page.locator("#items h2").all_inner_texts()


def test_results_show_while_a_shopper_types(page: Page) -> None:
    page.goto("/")
    field = page.get_by_role("searchbox", name="Search")
    requests: list[str] = []
    page.on(
        "request", lambda request: requests.append(request.url) if "?q=" in request.url else None
    )
    field.press_sequentially("елочный ш", delay=20)
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “елочный ш”")
    expect(page.locator("#announcement")).to_have_text("3 items are shown.")
    expect(field).to_be_focused()
    assert cards(page) == ["Ёлочный шар 2", "Ёлочный шар 1", "Ёлочный шар 0"]
    assert len(requests) < 5  # not one for each letter
    field.press_sequentially("ар 1")
    expect(page).to_have_url(re.compile(r"/\?q=%D0%B5.*\+1$"))
    expect(page.locator("#items h2")).to_have_text(["Ёлочный шар 1"])
    assert page.title().startswith("Results for")
    page.go_back()  # to the whole list, and not to the shorter text
    expect(page.get_by_role("heading", level=1)).to_have_text("All items")
    expect(page.locator("#items h2")).to_have_count(24)


def test_a_later_search_cancels_an_earlier_one(page: Page) -> None:
    page.goto("/")
    network.delay(page, 1000, "**/?q=mug")
    field = page.get_by_role("searchbox", name="Search")
    field.fill("mug")
    field.press("Enter")
    field.fill("linen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “linen”")
    page.wait_for_timeout(1200)
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “linen”")


def test_more_items_are_appended(page: Page) -> None:
    page.goto("/")
    more = page.get_by_role("link", name="More items")
    more.focus()
    more.press("Enter")
    expect(page.locator("#items h2")).to_have_count(27)
    expect(page.locator("#announcement")).to_have_text("3 more items are shown.")
    expect(page.locator("#items > li").nth(24).get_by_role("link")).to_be_focused()
    expect(more).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/$"))  # what it led to shows the first items, too


def test_more_items_are_appended_while_an_add_waits_for_its_answer(page: Page) -> None:
    page.goto("/")
    network.delay(page, 500)
    page.get_by_role("button", name="Add to cart").nth(5).click()  # a sample
    page.get_by_role("link", name="More items").click()
    expect(page.locator("#items h2")).to_have_count(27)
    expect(page.locator("#cart-badge .count")).to_contain_text("1")
    expect(page).to_have_url(re.compile(r"/$"))


def test_an_emptied_search_leaves_one_entry_in_the_history(page: Page) -> None:
    page.goto("/item/1")
    page.goto("/")
    page.evaluate("window.isSamePage = true")
    field = page.get_by_role("searchbox", name="Search")
    for text in ("шар", "linen"):  # the second one after an emptied field
        field.press_sequentially(text)
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Results for “{text}”")
        field.fill("")
        expect(page.get_by_role("heading", level=1)).to_have_text("All items")
        expect(page).to_have_url(re.compile(r"/$"))
        expect(field).to_be_focused()
    with page.expect_response(re.compile(r"/\?q=$")):
        field.press("Enter")
    assert page.evaluate("window.isSamePage")
    page.go_back()
    expect(page).to_have_url(re.compile("/item/1$"))


@pytest.fixture
def _many_collections(shop: Shop) -> Iterator[None]:
    shop.run_python(
        "from store.models import Collection, Item\n"
        "mug = Item.objects.listed().filter(name__contains='mug').first()\n"
        "for n in range(17):\n"
        "    name = f'For the shelf {n}'\n"
        "    Collection.objects.create(name=name, slug=f'shelf-{n}').items.add(mug)"
    )
    yield
    shop.run_python(
        "from store.models import Collection\n"
        "Collection.objects.filter(slug__startswith='shelf-').delete()"
    )


@pytest.mark.usefixtures("_many_collections")
def test_many_collections_are_one_line_on_a_phone(new_context: Callable[..., Any]) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    header, filters = page.locator(".site-collections a"), page.locator(".collection-filter a")

    def is_shown() -> bool:
        page.goto("/?collection=shelf-9")
        return bool(header.count() == 17)

    wait_until(is_shown)  # a process reads the collections every two seconds
    current = page.locator(".site-collections [aria-current]")
    expect(current).to_have_text("For the shelf 9")
    expect(current).to_be_in_viewport(ratio=1)
    assert_nothing_is_cut_off(page)
    header.last.focus()
    expect(header.last).to_be_in_viewport(ratio=1)

    page.get_by_role("searchbox", name="Search").fill("mug")  # with the chosen collection
    current = page.locator(".collection-filter [aria-current]")
    expect(current).to_have_text("For the shelf 9")
    expect(current).to_be_in_viewport(ratio=1)
    expect(filters).to_have_count(18)
    expect(header.first).to_be_hidden()  # it would say the same
    card = page.locator(".item-card").first.bounding_box()
    assert card
    assert card["y"] < 400
    assert_nothing_is_cut_off(page)
    filters.last.focus()
    expect(filters.last).to_be_in_viewport(ratio=1)
    page.get_by_role("searchbox", name="Search").fill("nothing has this name")
    expect(header.first).to_be_visible()


def test_escape_closes_the_menu_of_the_order(page: Page) -> None:
    page.goto("/")
    menu = page.locator(".sort summary")
    menu.click()
    page.get_by_role("link", name="Newest").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".sort")).not_to_have_attribute("open", "")
    expect(menu).to_be_focused()


def test_a_press_elsewhere_closes_the_menu_of_the_order(page: Page) -> None:
    page.goto("/")
    page.wait_for_load_state()
    page.locator(".sort summary").click()
    page.locator(".sort ul").click(position={"x": 2, "y": 2})  # beside its links
    expect(page.locator(".sort")).to_have_attribute("open", "")
    page.get_by_role("heading", name="All items").click()
    expect(page.locator(".sort")).not_to_have_attribute("open", "")


def test_another_language_keeps_a_typed_search(page: Page) -> None:
    page.goto("/?q=mug&sort=price")
    page.get_by_role("searchbox", name="Search").fill("linen")
    expect(page).to_have_url(re.compile("q=linen"))
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page).to_have_url(re.compile(r"/\?q=linen&sort=price$"))


def test_an_unreachable_shop_keeps_the_results(page: Page) -> None:
    page.goto("/")
    page.context.set_offline(True)
    page.get_by_role("searchbox", name="Search").fill("mug")
    expect(page.locator(".site-search .message")).to_contain_text("can’t be reached")
    assert len(cards(page)) == 24
    page.context.set_offline(False)
    page.get_by_role("searchbox", name="Search").press("Enter")
    expect(page.locator(".site-search .message")).to_be_empty()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “mug”")


@pytest.fixture
def _thousands(shop: Shop) -> Iterator[None]:
    shop.run_python(
        "from store.models import Item\n"
        "from tests.support.items import names_of_items\n"
        "Item.objects.bulk_create("
        "Item(name=name, price=77, currency='USD') for name in names_of_items())"
    )
    yield
    shop.run_python(
        "from cart.models import OrderLine\n"
        "from store.models import Item\n"
        "from tests.support.items import names_of_items\n"
        "OrderLine.objects.filter(item__name__in=names_of_items()).delete()\n"
        "Item.objects.filter(name__in=names_of_items()).delete()"
    )


@pytest.mark.usefixtures("_thousands")
def test_back_and_reload_show_the_list_as_it_was_left(page: Page) -> None:
    page.goto("/")
    cards, more = page.locator("#items > li"), page.get_by_role("link", name="More items")
    more.dblclick()  # is one press
    expect(cards).to_have_count(48)
    more.click()
    expect(cards).to_have_count(72)
    names = cards.get_by_role("heading").all_inner_texts()
    assert len(set(names)) == 72

    def expect_the_same_place() -> None:
        expect(cards).to_have_count(72)
        expect(cards.nth(39)).to_be_in_viewport()
        assert cards.get_by_role("heading").all_inner_texts() == names

    for is_added in (False, True):  # a visitor with a session gets pages that no browser may store
        page.get_by_role("link", name=names[39], exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(names[39])
        if is_added:
            page.wait_for_load_state()  # before its script runs, Add leads to the cart
            page.get_by_role("button", name="Add to cart").click()
            expect(page.locator(".toast")).to_be_visible()
        page.go_back()
        expect_the_same_place()
    page.reload()
    expect_the_same_place()
    more.click()
    expect(cards).to_have_count(96)


@pytest.mark.usefixtures("_thousands")
def test_two_or_three_actions_find_one_of_2000_items(page: Page) -> None:
    page.goto("/")
    page.get_by_role("searchbox", name="Search").fill("jug white 3")
    page.get_by_role("link", name="White jug 31").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("White jug 31")
    page.get_by_role("searchbox", name="Search").fill("red vase")
    page.get_by_role("searchbox", name="Search").press("Enter")
    page.get_by_role("link", name="More items").click()
    page.get_by_role("link", name="Red vase 1", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Red vase 1")


def test_without_javascript_two_actions_find_an_item(plain_page: Page) -> None:
    plain_page.goto("/item/1")
    field = plain_page.get_by_role("searchbox", name="Search")
    field.fill("елочный 1")
    field.press("Enter")
    plain_page.get_by_role("link", name="Ёлочный шар 1").click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Ёлочный шар 1")
    plain_page.goto("/?sort=price-down")
    plain_page.get_by_role("link", name="More items").click()
    expect(plain_page.locator("#items h2")).to_have_count(3)
