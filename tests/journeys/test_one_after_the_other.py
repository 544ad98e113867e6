"""Changes of the cart run one after the other over all tabs of a browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support import network
from tests.support.pages import put_in_cart

NO_LOCKS = """
    Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
    Crypto.prototype.randomUUID = undefined;
"""
REFUSED_LOCKS = """
    const refuse = () => Promise.reject(new DOMException("", "SecurityError"));
    if (window.LockManager) LockManager.prototype.request = refuse;
"""


def press_add(page: Page, item: int) -> None:
    page.locator(f"#add-button-{item}").click()


def expect_in_the_cart(page: Page, count: int) -> None:
    """Look in a new tab, which has no delay."""
    tab = page.context.new_page()
    tab.goto("/order")
    expect(tab.locator(".cart-line")).to_have_count(count)


@pytest.fixture
def context(new_context: Callable[..., Any]) -> BrowserContext:
    made: BrowserContext = new_context()
    return made


def test_two_first_presses_in_one_page_are_both_in_the_cart(page: Page) -> None:
    page.goto("/")
    network.delay_answers(page, 300)
    press_add(page, 1)
    page.wait_for_timeout(150)
    press_add(page, 3)
    expect(page.locator("#cart-badge .count")).to_contain_text("2")
    expect_in_the_cart(page, 2)


@pytest.mark.parametrize(("pause", "latency"), [(0, 300), (150, 300), (150, 600)])
def test_two_first_presses_in_two_tabs_are_both_in_the_cart(
    context: BrowserContext, pause: int, latency: int
) -> None:
    first, second = context.new_page(), context.new_page()
    first.goto("/item/1")
    second.goto("/item/3")
    for tab in (first, second):
        network.delay_answers(tab, latency)
    press_add(first, 1)
    first.wait_for_timeout(pause)
    press_add(second, 3)
    expect(second.locator("#cart-badge .count")).to_contain_text("2")
    expect_in_the_cart(first, 2)


@pytest.mark.parametrize("script", [NO_LOCKS, REFUSED_LOCKS], ids=["no locks", "refused locks"])
def test_presses_in_one_page_wait_for_each_other_without_web_locks(
    context: BrowserContext, script: str
) -> None:
    context.add_init_script(script)
    page = context.new_page()
    page.goto("/")
    network.delay_answers(page, 300)
    for item in (1, 3, 1):
        press_add(page, item)
    expect(page.locator("#cart-badge .count")).to_contain_text("3")
    expect_in_the_cart(page, 2)


@pytest.mark.parametrize(
    ("selector", "address"), [("#cart-badge", "**/order"), (".crumb a", re.compile(r":\d+/$"))]
)
def test_a_link_pressed_just_after_add_waits_for_the_cart(
    page: Page, selector: str, address: Any
) -> None:
    page.goto("/item/1")
    end_delay = network.delay_answers(page, 1500)
    press_add(page, 1)
    link = page.locator(selector)
    link.click(no_wait_after=True)
    expect(link).to_have_attribute("aria-busy", "true")
    page.wait_for_url(address, wait_until="commit")
    end_delay()
    expect(page.locator("#cart-badge .count")).to_contain_text("1")
    expect_in_the_cart(page, 1)


def test_a_link_waits_at_most_15_seconds(page: Page) -> None:
    page.clock.install()
    page.goto("/item/1")
    page.route(network.CHANGES, network.never_answer)
    for _ in range(2):
        press_add(page, 1)
    page.get_by_role("link", name="All items").click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert page.url.endswith("/item/1")
    page.clock.fast_forward(15_000)
    page.wait_for_url(re.compile(r":\d+/$"))


def test_a_link_to_a_place_in_the_page_and_one_to_a_new_tab_don_t_wait(page: Page) -> None:
    page.goto("/item/1")
    page.route(network.CHANGES, network.never_answer)
    press_add(page, 1)
    page.locator(".skip-link").press("Enter")
    expect(page.locator("#main")).to_be_focused()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="All items").click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url(re.compile(r":\d+/$"))
    assert page.url.endswith("/item/1#main")


def test_requests_keep_the_order_of_the_presses(page: Page) -> None:
    page.goto("/")
    network.delay(page, 200)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    for item in (1, 1, 1, 3, 1):
        press_add(page, item)
    expect(page.locator("#cart-badge .count")).to_contain_text("5")
    added = [found[1] for data in asked if (found := re.search(r"item=(\d+)", data))]
    assert added == ["1", "1", "1", "3", "1"]


@pytest.mark.parametrize("first", ["typed", "plus"])
def test_a_quantity_typed_during_an_earlier_change_is_the_one_that_counts(
    page: Page, first: str
) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    network.delay(page, 600)
    sent = network.posts(page)
    quantity = page.get_by_label(re.compile("^Quantity"))
    if first == "typed":
        quantity.fill("3")
        quantity.press("Enter")
    else:
        page.get_by_role("button", name=re.compile("^One more")).click()
    quantity.fill("5")
    quantity.press("Enter")
    expect(page.locator("#cart-badge .count")).to_contain_text("5")
    expect(quantity).to_have_value("5")
    quantity.blur()
    expect(page.locator(".cart-line [data-message]")).to_be_empty()
    page.reload()
    expect(quantity).to_have_value("5")
    assert len(sent) == 2


def test_after_a_refusal_the_field_shows_what_is_in_the_cart(context: BrowserContext) -> None:
    page, other = context.new_page(), context.new_page()
    put_in_cart(page, 1)
    for tab in (page, other):
        tab.goto("/order")
    other.get_by_role("button", name=re.compile("^One more")).click()
    expect(other.locator("#cart-badge .count")).to_contain_text("2")
    quantity = page.get_by_label(re.compile("^Quantity"))
    quantity.fill("7")
    quantity.press("Enter")
    expect(page.locator(".cart-line [data-message]")).to_contain_text("it is 2 now")
    expect(quantity).to_have_value("2")
    expect(quantity).to_be_focused()


@pytest.mark.parametrize("latency", [100, 300])
def test_one_more_and_buy_at_once_leave_nothing_empty(page: Page, latency: int) -> None:
    put_in_cart(page, 1)
    page.goto("/order")
    network.delay(page, latency)
    with page.expect_response("**/order/buy") as bought:
        page.get_by_role("button", name=re.compile("^One more")).click()
        page.get_by_role("button", name="Buy").click()
    assert bought.value.json()["error"]["code"] == "order_changed"  # the buyer saw another total
    expect(page.get_by_label(re.compile("^Quantity"))).to_have_value("2")
    page.goto("/order")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")


def test_gives_up_a_change_after_a_while_and_lets_the_next_one_go(context: BrowserContext) -> None:
    page, other = context.new_page(), context.new_page()
    page.clock.install()
    page.goto("/item/1")
    other.goto("/item/3")
    page.route(network.CHANGES, network.never_answer)
    with page.expect_request(network.CHANGES):
        press_add(page, 1)
    page.clock.fast_forward(10_000)
    press_add(other, 3)
    page.clock.fast_forward(5_000)
    expect(page.locator("#add-1 .message")).to_contain_text(network.UNREACHABLE)
    expect(other.locator("#cart-badge .count")).to_contain_text("1")
    page.unroute(network.CHANGES)
    press_add(page, 1)
    expect(page.locator("#cart-badge .count")).to_contain_text("2")


def test_gives_up_waiting_for_a_change_in_another_tab(context: BrowserContext) -> None:
    page, other = context.new_page(), context.new_page()
    page.clock.install()
    page.goto("/item/1")
    other.goto("/item/1")
    other.evaluate("""new Promise((isHeld) => {
        const hold = () => new Promise((release) => { window.release = release; isHeld(); });
        navigator.locks.request("minicart", hold);
    })""")
    sent = network.posts(page)
    press_add(page, 1)
    page.clock.fast_forward(15_000)
    expect(page.locator("#add-1 .message")).to_contain_text(network.UNREACHABLE)
    assert sent == []
    other.evaluate("window.release()")
    press_add(page, 1)
    expect(page.locator("#cart-badge .count")).to_contain_text("1")


@pytest.mark.parametrize("script", [NO_LOCKS, REFUSED_LOCKS], ids=["no locks", "refused locks"])
def test_gives_up_waiting_without_web_locks(context: BrowserContext, script: str) -> None:
    context.add_init_script(script)
    page = context.new_page()
    page.clock.install()
    page.goto("/item/1")
    page.evaluate("takeTurn().then((endTurn) => { window.endTurn = endTurn; })")
    sent = network.posts(page)
    press_add(page, 1)
    page.clock.fast_forward(15_000)
    expect(page.locator("#add-1 .message")).to_contain_text(network.UNREACHABLE)
    assert sent == []
    press_add(page, 1)  # waits behind the first turn as well
    page.wait_for_timeout(300)
    assert sent == []
    page.evaluate("window.endTurn()")
    expect(page.locator("#cart-badge .count")).to_contain_text("1")
