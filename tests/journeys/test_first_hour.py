"""A merchant's first hour: from an empty shop to a parcel that is on its way.

`make screenshots` takes the pictures of docs/first-hour.md while this test runs.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from tests.support import browsers
from tests.support.admin_pages import check_setup, delete_all, fill, save
from tests.support.mailbox import both_texts, mail_of
from tests.support.pages import add, expect_paid_receipt, pay
from tests.support.processes import ROOT
from tests.support.screenshots import take_screenshot
from tests.support.shops import Shop, running_shop
from tests.support.staff import log_in

PICTURES = ROOT / "store/sample_catalogue/pictures"
ITEMS = [
    ("Stoneware mug", "18.00", "A mug for big hands. It holds 350 ml.", "stoneware-mug.webp"),
    ("Stoneware teapot", "64.00", "Pours without dripping.", "stoneware-teapot.webp"),
    ("Glaze recipes (PDF)", "9.00", "Twelve glazes for stoneware, to download.", ""),
]
NAME, EMAIL = "Blue Door Pottery", "hello@bluedoor.example"
SHOP = {
    "name": NAME,
    "sentence": "Mugs and teapots from a small workshop in Leipzig.",
    "accent_color": "#1f4e8c",
    "email": EMAIL,
    "phone": "+49 341 5550123",
    "postal_address": "Karl-Heine-Str. 1\n04229 Leipzig",
    "country": "DE",
    "tax_id": "DE123456789",
}
BUYER = {
    "Full name": "Jonas Winter",
    "Address line 1": "Gartenweg 7",
    "City": "Dresden",
    "Postal code": "01099",
}


@pytest.fixture
def empty_shop(tmp_path: Path) -> Iterator[Shop]:
    with running_shop(tmp_path / "shop") as shop:
        yield shop


def test_the_first_hour_of_a_merchant(browser: Browser, empty_shop: Shop, tmp_path: Path) -> None:
    shop = empty_shop
    staff = browsers.new_context(browser, shop.address).new_page()
    log_in(staff, shop)
    delete_all(staff, "/admin/store/item/")
    delete_all(staff, "/admin/cart/shippingrate/")

    assert [each.split(":")[0] for each in missing(shop)] == [
        "✗ The shop has no name",
        "✗ The shop has no contact e-mail",
        "✗ The shop has no postal address",
        "✗ The shop has no country",
        *(f"✗ The page “{title}” has a sample text" for title in pages(staff)),
        "✗ No item is listed",
    ]
    introduce_the_shop(staff, tmp_path)
    assert [each.split("“")[0] for each in missing(shop)] == [
        *["✗ The page "] * 5,
        "✗ No item is listed: add one in the admin.",
    ]
    write_the_pages(staff)
    assert missing(shop) == ["✗ No item is listed: add one in the admin."]
    add_items(staff)
    (no_rate,) = missing(shop)
    assert no_rate.startswith("✗ Items in EUR need shipping, but no shipping rate is active")
    add_rate(staff)
    assert missing(shop) == []
    assert "✓ Taxes are set up." not in check_setup(shop)
    add_tax(staff)
    assert "✓ Taxes are set up." in check_setup(shop)

    buyer = browsers.new_context(browser, shop.address).new_page()
    number = buy(buyer, shop)
    print_and_ship(staff, shop, number)
    buyer.reload()
    expect(buyer.get_by_text("We sent your order on")).to_be_visible()
    assert missing(shop) == []


def missing(shop: Shop) -> list[str]:
    """What check_setup asks of the merchant; the server and the keys are those of `make run`."""
    return [line for line in check_setup(shop) if line[0] == "✗" and "in the admin" in line]


def pages(page: Page) -> list[str]:
    """The titles of the sample pages."""
    page.goto("/admin/store/page/")
    return page.locator("#result_list th.field-title").all_inner_texts()


def introduce_the_shop(page: Page, folder: Path) -> None:
    logo = Image.new("RGB", (64, 64), "#1f4e8c")
    ImageDraw.Draw(logo).rounded_rectangle((18, 12, 46, 64), radius=12, fill="#f4f1ea")
    logo.save(folder / "logo.png")
    page.goto("/admin/")
    page.get_by_role("link", name="Shop", exact=True).click()
    fill(page, **SHOP, logo=str(folder / "logo.png"))
    take_screenshot(page, "shop", height=1150)
    save(page)
    page.goto("/")
    expect(page).to_have_title(re.compile(NAME))
    expect(page.locator("header img.site-logo")).to_be_visible()
    expect(page.locator("footer")).to_contain_text(EMAIL)


def write_the_pages(page: Page) -> None:
    for title in pages(page):
        page.goto("/admin/store/page/")
        page.get_by_role("link", name=title, exact=True).click()
        fill(page, text=f"{NAME} wrote **its own text** here.\n\n* With a list,\n* of two points.")
        save(page)
    page.goto("/")
    page.locator("footer").get_by_role("link", name="Shipping and returns").click()
    expect(page.locator("main strong")).to_have_text("its own text")


def add_items(page: Page) -> None:
    for name, price, description, picture in ITEMS:
        page.goto("/admin/store/item/add/")
        image = {"pictures-0-image": str(PICTURES / picture)} if picture else {}
        fill(page, name=name, description=description, price=price, currency="EUR", **image)
        fill(page, stock="12" if picture else "", needs_shipping=bool(picture))
        if name == ITEMS[0][0]:
            take_screenshot(page, "item", height=960)
        save(page)


def add_rate(page: Page) -> None:
    page.goto("/admin/cart/shippingrate/add/")
    fill(page, name="Parcel", countries="Germany, Austria", delivery_time="2–3 working days")
    fill(page, currency="EUR", amount="4.90", free_from_amount="80.00")
    take_screenshot(page, "shipping-rate", height=900)
    save(page)


def add_tax(page: Page) -> None:
    page.goto("/admin/cart/tax/add/")
    fill(page, display_name="VAT", percentage="19", is_inclusive=True, country="DE")
    save(page)


def buy(page: Page, shop: Shop) -> str:
    """Buy two mugs at Checkout; return the number of the order."""
    page.goto("/")
    expect(page.locator(".item-card")).to_have_count(len(ITEMS))
    take_screenshot(page, "front-page", height=900)
    page.get_by_role("link", name=ITEMS[0][0]).first.click()
    item = int(page.url.rsplit("/", 1)[1])
    add(page, item)
    add(page, item)
    page.goto("/order")
    expect(page.locator("dd.shipping")).to_have_attribute("data-amount", "490")
    expect(page.locator("dd.total")).to_have_attribute("data-amount", "4090")
    take_screenshot(page, "cart", height=760)
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    page.get_by_label("Country or region").select_option("Germany")
    page.get_by_label("Card", exact=True).check()
    pay(page, address=BUYER)
    expect_paid_receipt(page, shop)
    number = page.locator(".hint code").inner_text()
    confirmation = mail_of(shop, f"Thank you for your order {number}")
    assert str(confirmation["From"]).startswith(NAME)
    assert confirmation["Reply-To"] == EMAIL
    assert mail_of(shop, f"New order {number}: €40.90")["To"] == EMAIL
    return number


def print_and_ship(page: Page, shop: Shop, number: str) -> None:
    page.goto("/admin/cart/order/")
    page.get_by_role("link", name="To ship (1)").click()
    page.get_by_role("link", name=number).click()
    expect(page.locator(".order-summary")).to_contain_text(BUYER["City"])
    take_screenshot(page, "order", height=760)
    page.get_by_role("link", name="Print…").click()
    document = page.locator("article")
    expect(document.get_by_role("heading", level=1)).to_have_text("Packing slip")
    for text in [NAME, *BUYER.values(), "Germany", ITEMS[0][0]]:
        expect(document).to_contain_text(text)
    assert_one_sheet(page)
    page.get_by_role("link", name="Invoices").click()
    for text in ["TEST-INV-1001", SHOP["tax_id"], "VAT", "€40.90"]:
        expect(document).to_contain_text(text)
    take_screenshot(page, "invoice", height=660)
    assert_one_sheet(page)

    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Mark as shipped…").click()
    link = "https://carrier.example/follow/AB12"
    fill(page, tracking_number="AB12", tracking_url=link)
    take_screenshot(page, "mark-as-shipped", height=520)
    page.get_by_role("button", name="Mark as shipped").click()
    expect(page.locator(".messagelist")).to_contain_text("marked as shipped")
    for text in both_texts(mail_of(shop, f"Your order {number} is on its way")):
        assert link in text
    page.goto("/admin/cart/order/")
    expect(page.get_by_role("link", name="To ship (0)")).to_be_visible()


def assert_one_sheet(page: Page) -> None:
    for paper in ("A4", "Letter"):
        sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper))
        assert len(sheets) == 1, paper
