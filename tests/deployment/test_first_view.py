"""What a browser loads for its first page, and that the joined scripts and styles still work.

The limits are bytes of compressed bodies without pictures; htmx is 12,001 of them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from project.static_files import BUNDLES
from tests.support import browsers, http
from tests.support.pages import press_buy
from tests.support.pay_here import open_form, section
from tests.support.processes import ROOT
from tests.support.public_shop import PublicShop

LIST_BYTES, ITEM_BYTES = 21 * 1024, 24 * 1024
STYLE_SHEETS, STYLE_BYTES = 5, 8192
FOR_STAFF = ("admin.css", "print.css")
SHEETS = [name for name in BUNDLES if name.endswith(".css")]
STATIC_HEADER_BYTES = 540
# Everything that the page has loaded, with its size as it was sent.
LOADED = """() => performance.getEntries()
  .filter((each) => ["navigation", "resource"].includes(each.entryType))
  .map((each) => [
    each.initiatorType, new URL(each.name).pathname, each.encodedBodySize, each.transferSize > 0,
  ])"""
# What the browser understands of a style sheet: for each rule, its condition, the values that it
# gives to an element, and the rules in it.
RULES = """([tokens, text]) => {
  const [variables, sheet] = [new CSSStyleSheet(), new CSSStyleSheet()];
  variables.replaceSync(tokens);
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [variables];
  const element = document.body.appendChild(document.createElement("p"));
  const same = (value) => value.toLowerCase().replace("0% 0%", "0px 0px");
  const valuesWith = (declarations) => {
    element.style.cssText = declarations;
    const style = getComputedStyle(element);
    return [...style].map((name) => `${name}: ${same(style.getPropertyValue(name))}`);
  };
  const usual = new Set(valuesWith(""));
  const meaning = (rule) => [
    rule.selectorText ?? rule.conditionText ?? rule.cssText,
    valuesWith(rule.style?.cssText ?? "").filter((value) => !usual.has(value)),
    [...(rule.style ?? [])].filter((name) => name.startsWith("--"))
      .map((name) => name + rule.style.getPropertyValue(name).replaceAll(" ", "")),
    [...(rule.cssRules ?? [])].map(meaning),
  ];
  const meanings = [...sheet.cssRules].map(meaning);
  element.remove();
  return meanings;
}"""
TOKENS = (ROOT / "static/css/tokens.css").read_text()


class Loaded(NamedTuple):
    kind: str
    path: str
    size: int
    is_sent: bool  # and not in the browser's cache


@pytest.fixture(params=["the shop alone", "through Caddy"])
def page(request: pytest.FixtureRequest, browser: Browser, public: PublicShop) -> Iterator[Page]:
    options: dict[str, Any] = {"ignore_https_errors": True}
    address = public.address
    if request.param == "the shop alone":
        port = public.servers[0].address.rpartition(":")[2]
        address = f"http://localhost:{port}"
        options = {"extra_http_headers": {"X-Forwarded-Proto": "https"}}  # no redirect to https
    context = browsers.new_context(browser, address, **options)
    yield context.new_page()
    context.close()


def loaded_without_pictures(page: Page, path: str) -> list[Loaded]:
    page.goto(path, wait_until="load")
    loaded = [Loaded(*each) for each in page.evaluate(LOADED)]
    assert all(each.size for each in loaded), loaded
    return [each for each in loaded if each.kind != "img"]


@pytest.mark.parametrize(
    ("path", "files", "most"), [("/", 4, LIST_BYTES), ("/item/1", 5, ITEM_BYTES)]
)
def test_the_first_view_is_small(page: Page, path: str, files: int, most: int) -> None:
    loaded = loaded_without_pictures(page, path)
    assert [each.kind for each in loaded].count("navigation") == 1
    assert len(loaded) == files, loaded
    assert sum(each.size for each in loaded) <= most, loaded


def test_24_items_are_at_most_4_kilobytes(page: Page) -> None:
    (html,) = (each for each in loaded_without_pictures(page, "/") if each.kind == "navigation")
    assert page.locator(".item-card").count() == 24
    assert html.size <= 4096


def test_the_second_page_loads_only_what_is_new(page: Page) -> None:
    first = loaded_without_pictures(page, "/")
    second = loaded_without_pictures(page, "/item/1")
    again = {each.path for each in first} & {each.path for each in second if each.is_sent}
    assert again == set()
    assert sum(each.is_sent for each in second) == 3  # the page; a script and styles for buying


def test_files_have_few_headers(public: PublicShop) -> None:
    with public.client() as client:
        addresses = re.findall(r'"(/static/(?:css|js)/.+?)"', client.get("/").text)
    assert len(addresses) == 3
    for address in addresses:
        own = {"Host": "localhost", "X-Forwarded-Proto": "https"}
        headers = http.get(f"{public.servers[0].address}{address}", headers=own).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in headers["Cache-Control"]
        size = sum(len(name) + len(value) + len(": \r\n") for name, value in headers.raw)
        assert size <= STATIC_HEADER_BYTES, headers


def test_the_style_sheets_of_the_shop_are_few_and_small(public: PublicShop) -> None:
    folder = ROOT / "static-collected/css"
    parts = {Path(part).name for name in SHEETS for part in BUNDLES[name]}
    written = {path.name for path in (ROOT / "static/css").glob("*.css")}
    names = {Path(name).name for name in SHEETS} | written - parts - set(FOR_STAFF)
    assert len(names) <= STYLE_SHEETS
    assert sum((folder / f"{name}.gz").stat().st_size for name in names) <= STYLE_BYTES


def test_a_small_style_sheet_means_the_same(public: PublicShop, browser: Browser) -> None:
    page = browser.new_page()
    for path in sorted((ROOT / "static/css").glob("*.css")):
        written = page.evaluate(RULES, [TOKENS, path.read_text()])
        small = (ROOT / "static-collected/css" / path.name).read_text()
        assert len(small) < path.stat().st_size
        assert page.evaluate(RULES, [TOKENS, small]) == written, path
    for name in SHEETS:
        parts = [(ROOT / "static" / part).read_text() for part in BUNDLES[name]]
        joined = (ROOT / "static-collected" / name).read_text()
        assert page.evaluate(RULES, [TOKENS, joined]) == [
            rule for part in parts for rule in page.evaluate(RULES, [TOKENS, part])
        ]
    page.close()


@pytest.mark.parametrize("page", ["through Caddy"], indirect=True)
def test_the_joined_scripts_add_buy_and_open_the_form(page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/")
    page.get_by_role("button", name="Add to cart").first.click()
    expect(page.locator(".toast")).to_be_visible()
    expect(page.locator("#cart-badge .count")).to_contain_text("1")
    page.goto("/item/2")
    open_form(page)
    section(page).get_by_role("button", name="Close").click()
    expect(section(page).get_by_role("button", name="Pay here")).to_be_focused()
    press_buy(page, item=3)
    assert errors == []
