"""The states of pages that have no cart: texts, finding an order, the closed shop."""

from collections.abc import Callable

from tests.support.pay_here import cart_of
from tests.support.shops import Shop
from tests.support.visit import Visit
from tests.support.waiting import wait_until


def text_of_the_merchant(visit: Visit) -> None:
    visit.page.goto("/pages/shipping-and-returns")


def find_an_order(visit: Visit) -> None:
    visit.page.goto("/order/find")
    visit.expect_text("We mail the link")


def order_link_is_sent(visit: Visit) -> None:
    find_an_order(visit)
    visit.page.locator("#number").fill("7K3F-9QXM")
    visit.page.locator("#email").fill("buyer@shop.example")
    visit.press("Send the link")
    visit.expect_text("An order gets at most three")


def item_list_of_a_closed_shop(visit: Visit) -> None:
    open_closed(visit, "/", ".list-message")


def item_of_a_closed_shop(visit: Visit) -> None:
    open_closed(visit, "/item/1", "#buy-USD[role=alert]")


def cart_of_a_closed_shop(visit: Visit) -> None:
    cart_of(visit.page, 1)
    open_closed(visit, "/order", "#buy-USD[role=alert]")


def open_closed(visit: Visit, path: str, sentence: str) -> None:
    """Close the shop while the page is opened. Its process sees a change after seconds."""
    other = visit.page.context.new_page()

    def is_shown() -> bool:
        other.goto(path)
        return bool(other.locator(sentence).count())

    set_closed(visit.shop, True)
    wait_until(is_shown)
    visit.page.goto(path)
    set_closed(visit.shop, False)
    wait_until(lambda: not is_shown())
    other.close()


def set_closed(shop: Shop, is_closed: bool) -> None:
    shop.run_python(
        "from store.models import Shop;"
        f"Shop.objects.update_or_create(pk=1, defaults={{'is_closed': {is_closed}}})"
    )


STATES: list[Callable[[Visit], None]] = [text_of_the_merchant, find_an_order, order_link_is_sent]
CLOSED: list[Callable[[Visit], None]] = [
    item_list_of_a_closed_shop,
    item_of_a_closed_shop,
    cart_of_a_closed_shop,
]
