"""The states of the list and of an item's page: each function brings a browser to one."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.support import network
from tests.support.items import borrow_pictures, change_item
from tests.support.pages import add, press_buy
from tests.support.pay_here import CARD_NUMBER, open_form
from tests.support.processes import ROOT
from tests.support.visit import Visit, buy_cart
from tests.support.waiting import wait_until
from tests.support.words import said

# A collection with a wide picture.
FOR_THE_TABLE = f"""
import io
from django.core.files.base import ContentFile
from PIL import Image
from store.models import Collection, Item
made = Collection.objects.create(
    name="For the table", slug="table", description="What we eat and drink from."
)
made.items.set(Item.objects.filter(name__icontains="stoneware"))
wide = Image.new("RGB", (1800, 600))
for place, name in enumerate(["bud-vase", "stoneware-teapot", "stoneware-mug"]):
    square = Image.open(f"{ROOT}/store/sample_catalogue/pictures/{{name}}.webp")
    wide.paste(square.resize((600, 600)), (600 * place, 0))
file = io.BytesIO()
wide.save(file, "WEBP")
made.picture.save("table.webp", ContentFile(file.getvalue()))
"""


def item_list(visit: Visit) -> None:
    visit.page.goto("/")


def item_list_after_an_add(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.locator(".add .button").first.click()
    visit.expect_text("Added")


def item_list_after_a_lost_connection(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.route(network.CHANGES, lambda route: route.abort())
    visit.page.locator(".add .button").first.click()
    visit.expect_text(network.UNREACHABLE)


def item_list_with_the_orders_to_choose(visit: Visit) -> None:
    visit.page.goto("/?q=stone")
    visit.page.locator(".sort summary").click()
    expect(visit.page.get_by_role("link", name=said("Price, low to high"))).to_be_visible()


def item_list_of_a_search(visit: Visit) -> None:
    visit.page.goto("/?q=stone")
    expect(visit.page.get_by_role("heading", level=2)).not_to_have_count(0)


def item_list_of_a_search_without_results(visit: Visit) -> None:
    visit.page.goto("/?q=tepot")
    visit.expect_text("Nothing was found")


def item_list_of_a_collection(visit: Visit) -> None:
    visit.shop.run_python(FOR_THE_TABLE)
    text = visit.page.get_by_text("What we eat and drink from.")

    def is_shown() -> bool:
        visit.page.goto("/?collection=table")
        return text.count() == 1

    wait_until(is_shown)  # a process reads the collections every two seconds
    visit.shop.run_python(
        "from store.models import Collection; Collection.objects.filter(slug='table').delete()"
    )


def item_after_a_failed_payment(visit: Visit) -> None:
    visit.page.goto("/item/1?payment=failed")
    visit.expect_text("The payment did not go through")


def item(visit: Visit) -> None:
    visit.page.goto("/item/1")


def item_with_several_pictures(visit: Visit) -> None:
    item = visit.new_item(name="Gift set for a desk")
    borrow_pictures(visit.shop, item, of=(11, 2, 8))
    visit.page.goto(f"/item/{item}")
    expect(visit.page.locator(".small-pictures a")).to_have_count(3)


def item_after_a_refused_add(visit: Visit) -> None:
    add(visit.page, visit.new_item(stock=1))
    visit.page.get_by_role("button", name=said("Add to cart")).click()
    expect(visit.page.locator(".add .message")).not_to_be_empty()


def item_after_a_changed_price(visit: Visit) -> None:
    item = visit.new_item()
    visit.page.goto(f"/item/{item}")
    change_item(visit.shop, item, price=30)
    visit.press("Buy now")
    visit.expect_text("The price has changed: it")


def item_just_sold_out(visit: Visit) -> None:
    item = visit.new_item(stock=1)
    visit.page.goto(f"/item/{item}")
    change_item(visit.shop, item, stock=0)
    visit.press("Buy now")
    visit.expect_text("Sorry")


def item_sold_out(visit: Visit) -> None:
    """It has no picture either."""
    visit.page.goto(f"/item/{visit.new_item(name='Brass bell', stock=0)}")


def item_that_somebody_is_paying(visit: Visit) -> None:
    item = visit.new_item(stock=1)
    press_buy(visit.page, item)
    visit.page.context.clear_cookies()
    visit.page.goto(f"/item/{item}")
    visit.expect_text("Somebody is paying")


def item_reserved(visit: Visit) -> None:
    item = visit.new_item(stock=1)
    press_buy(visit.page, item)
    visit.page.goto(f"/item/{item}")
    visit.expect_text("Reserved for you")


def item_reserved_in_the_cart(visit: Visit) -> None:
    item = visit.new_item(stock=1)
    buy_cart(visit, item)
    visit.page.goto(f"/item/{item}")
    visit.expect_text("Reserved for you")


def item_with_pay_here_open(visit: Visit) -> None:
    visit.page.goto("/item/1")
    expect(open_form(visit.page).get_by_label(CARD_NUMBER)).to_be_visible()


STATES: list[Callable[[Visit], None]] = [
    item_list,
    item_list_after_an_add,
    item_list_after_a_lost_connection,
    item_list_with_the_orders_to_choose,
    item_list_of_a_search,
    item_list_of_a_search_without_results,
    item_list_of_a_collection,
    item,
    item_with_several_pictures,
    item_after_a_refused_add,
    item_after_a_changed_price,
    item_just_sold_out,
    item_sold_out,
    item_that_somebody_is_paying,
    item_reserved,
    item_reserved_in_the_cart,
    item_with_pay_here_open,
]
