"""The pages on which staff edit the catalogue: axe in both color schemes, and on a small screen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import assert_accessible
from tests.support.shops import Shop
from tests.support.staff import log_in

ITEMS = "/admin/store/item/"
# What the pages show: a sale, pieces that are being paid, a picture, and a collection.
ADD_ROWS = """
from django.utils import timezone
from cart.models import Order
from store.models import Collection, Item
item = Item.objects.get(pk={item})
item.pictures.create(image="items/none.webp", width=20, height=20, needs_sizes=False)
kitchen = Collection.objects.create(name="Kitchen", slug="of-this-test")
kitchen.items.add(item)
amounts = dict(currency="USD", subtotal_amount=2000, total_amount=2000)
sale = Order.objects.create(state="paid", paid_at=timezone.now(), **amounts)
unpaid = Order.objects.create(state="checkout", **amounts)
unpaid.lines.create(item=item, quantity=1, name="Mug", unit_amount=2000, held_quantity=1)
print(kitchen.pk, sale.pk, unpaid.pk)
"""
# Django's own: icons with a label but no role, and select2's field without a label.
DJANGOS = "document.querySelectorAll('.search-label-icon, .select2-container')"
REMOVE_DJANGOS = f"{DJANGOS}.forEach((each) => each.remove())"
DELETE_ROWS = """
from cart.models import Order, OrderLine
from store.models import Collection
Collection.objects.filter(pk={0}).delete()
OrderLine.objects.filter(order={2}).delete()
Order.objects.filter(pk__in=[{1}, {2}]).delete()
"""


@pytest.fixture
def item(shop: Shop, new_item: Callable[..., int]) -> int:
    return new_item(name="Mug", stock=1)


@pytest.fixture
def collection(shop: Shop, item: int) -> Iterator[str]:
    keys = shop.run_python(ADD_ROWS.format(item=item)).split()
    yield keys[0]
    shop.run_python(DELETE_ROWS.format(*keys))


def open_prices(page: Page) -> None:
    """Choose the items of the list, and look at the new prices."""
    page.goto(ITEMS)
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option("change_prices")
    page.get_by_role("button", name="Run").click()
    page.locator("#id_number").fill("10")
    page.locator("[name=preview]").click()
    expect(page.get_by_role("columnheader", name="New price")).to_be_visible()


def open_import(page: Page, price: str, column: str) -> None:
    """Let the shop check a file with one new item, and see a table with this column."""
    page.goto(f"{ITEMS}import/")
    content = f"name,price,currency\nPan,{price},USD\n".encode()
    file: Any = {"name": "items.csv", "mimeType": "text/csv", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("columnheader", name=column)).to_be_visible()


def right_edge(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box
    return box["x"] + box["width"]


def test_pages_of_editing_are_accessible(
    new_context: Callable[..., Any],
    shop: Shop,
    item: int,
    collection: str,
    new_item: Callable[..., int],
) -> None:
    never_sold = new_item(name="Vase")
    page = new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    log_in(page, shop)
    pages: list[Callable[[], Any]] = [
        lambda: page.goto(ITEMS),
        lambda: page.goto(f"{ITEMS}{item}/change/"),
        lambda: page.goto(f"{ITEMS}{item}/delete/"),  # offers to hide it
        lambda: page.goto(f"{ITEMS}{never_sold}/delete/"),
        lambda: open_prices(page),
        lambda: open_import(page, "x", "Mistake"),
        lambda: open_import(page, "5", "Changes"),
        lambda: page.goto("/admin/store/collection/"),
        lambda: page.goto(f"/admin/store/collection/{collection}/change/"),
        lambda: page.goto("/admin/"),
    ]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for open_page in pages:  # anew, since links change their color slowly
            open_page()
            page.evaluate(REMOVE_DJANGOS)
            assert_accessible(page, only_colors=scheme == "dark")
    expect(page.locator(".sales rect").first).to_be_attached()
    assert right_edge(page, "#missing") > right_edge(page, "#content-related") - 20
    page.goto(ITEMS)
    expect(page.get_by_text("is being paid").first).to_be_visible()  # other tests hold some, too
