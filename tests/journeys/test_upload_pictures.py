"""Pictures that staff choose in the form of an item, before and after they are sent."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from store.models.picture import MAX_PICTURES
from store.pictures.cleaning import MAX_BYTES
from tests.support.admin_pages import fill, save
from tests.support.shops import Shop
from tests.support.staff import log_in

STORED = """
from store.models import Item
print([each.width for each in Item.objects.get(name="Three views").pictures.all()])
"""

ADD_PICTURES = """
from store.models import Item
for colour in ("red", "green", "blue"):
    Item.objects.get(pk={item}).pictures.create(
        image="items/none.webp", alternative=colour, width=20, height=20, needs_sizes=False
    )
"""
ORDER = """
from store.models import Item
print(*(each.alternative for each in Item.objects.get(pk={item}).pictures.all()))
"""


def empty_file(number: int) -> FilePayload:
    return {"name": f"{number}.png", "mimeType": "image/png", "buffer": b""}


def test_pictures_are_refused_before_they_are_sent_or_stored_together(
    page: Page, shop: Shop, tmp_path: Path
) -> None:
    log_in(page, shop)
    page.goto("/admin/store/item/add/")
    fill(page, name="Three views", price="5", currency="EUR", stock="")
    page.locator("#id_is_listed").uncheck()  # other tests count the items of the list
    first = page.locator("#id_pictures-0-image")

    (tmp_path / "large.png").write_bytes(b"x" * (MAX_BYTES + 1))
    first.set_input_files(tmp_path / "large.png")
    expect(page.get_by_role("alert")).to_have_text(
        "The picture is larger than 20 MB. Choose a smaller one."
    )
    expect(first).to_have_value("")
    first.set_input_files([empty_file(number) for number in range(MAX_PICTURES + 1)])
    expect(page.get_by_role("alert")).to_have_text(
        "These are more pictures than an item can have. Choose fewer."
    )
    expect(first).to_have_value("")
    expect(page.locator("#id_name")).to_have_value("Three views")

    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for number, path in enumerate(paths):
        Image.new("RGB", (10 + number, 20), "teal").save(path)
    first.set_input_files(paths)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("#id_pictures-2-image")).to_have_value("C:\\fakepath\\2.png")
    save(page)
    assert shop.run_python(STORED) == "[10, 11, 12]"


def test_stored_pictures_are_sorted_with_buttons_and_by_dragging(
    page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    item = new_item(name="Three colors")
    shop.run_python(ADD_PICTURES.format(item=item))
    log_in(page, shop)
    page.goto(f"/admin/store/item/{item}/change/")
    rows = page.locator("#pictures-group .has_original")
    green = rows.filter(has=page.locator("h3", has_text="green"))
    up = green.get_by_role("button", name="Move up")
    up.press("Enter")
    expect(up).to_be_focused()
    expect(rows.locator("[name$=alternative]:visible").first).to_have_value("green", timeout=3000)
    rows.nth(2).locator("h3").drag_to(rows.nth(0).locator("h3"))
    expect(rows.locator("[name$=alternative]:visible").first).to_have_value("blue")
    save(page)
    assert shop.run_python(ORDER.format(item=item)) == "blue green red"


def test_a_cancelled_drag_changes_no_order(
    page: Page, shop: Shop, new_item: Callable[..., int]
) -> None:
    """Escape ends a drag without a drop."""
    item = new_item(name="Three colors again")
    shop.run_python(ADD_PICTURES.format(item=item))
    log_in(page, shop)
    page.goto(f"/admin/store/item/{item}/change/")
    rows = page.locator("#pictures-group .has_original")
    first = rows.locator("[name$=alternative]:visible").first
    values = {"dataTransfer": page.evaluate_handle("new DataTransfer()")}
    rows.nth(2).locator("h3").dispatch_event("dragstart", values)
    rows.nth(0).locator("h3").dispatch_event("dragover", values)
    expect(first).to_have_value("blue")
    rows.nth(0).locator("h3").dispatch_event("dragend", values)
    expect(first).to_have_value("red")
    save(page)
    assert shop.run_python(ORDER.format(item=item)) == "red green blue"
