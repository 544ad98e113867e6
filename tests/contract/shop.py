"""`make contract SHOP=1`: buys in the shop, in a browser that a person can watch.

Stripe's own pages resist automation (docs.stripe.com/automated-testing). Where a form can't be
filled in, the person at the browser does it.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    expect,
)

from tests.contract.check import Outcome
from tests.support import browsers, pages, pay_here
from tests.support.shops import Shop

SECONDS_FOR_FORM = 30  # until a person is asked to fill in a form of Stripe's
SECONDS_FOR_PERSON = 300
CHECKOUT = re.compile(r"/c/pay/cs_test_")
# Fields of Stripe's page that the local one doesn't have.
MORE_FIELDS = {
    "Expiration": "12 / 34",
    "CVC": "123",
    "Cardholder name": "Ada Buyer",
    "ZIP": "10001",
}
RECEIPT = re.compile(r"/order/[\w-]{32}")
DISCOUNT_AND_TAX = (
    "from decimal import Decimal; from cart.models import Discount, Tax;"
    "Discount.objects.get_or_create(code='TEN', defaults={'percent': Decimal(10)});"
    "Tax.objects.get_or_create(display_name='VAT', percentage=Decimal(20))"
)
# Every violation of the policy of the shop's pages is told to the function `tellViolation`.
WATCH = """
document.addEventListener('securitypolicyviolation', (event) => {
  if (location.origin === %r && event.disposition === 'enforce')
    window.tellViolation(`${event.effectiveDirective} ${event.blockedURI}`);
});
"""


@dataclass
class Visitor:
    """A buyer. `is_local`: Stripe's pages are those of the local Stripe."""

    page: Page
    is_local: bool
    violations: list[str] = field(default_factory=list)

    def note_violation(self, what: str) -> None:
        self.violations.append(what)

    def fill_in(self, form: Callable[[], None], request: str) -> None:
        """Fill in a form of Stripe's, or ask the person at the browser to do it."""
        if self.is_local:
            form()
            return
        self.page.set_default_timeout(SECONDS_FOR_FORM * 1000)
        with suppress(Error):
            form()
        print(f"  If nothing happens in the browser: {request}", flush=True)

    def pay_at_checkout(self, card: str = pages.GOOD_CARD) -> None:
        self.page.wait_for_url(CHECKOUT)
        self.fill_in(lambda: self._pay(card), f"pay with {card}, 12/34, 123.")

    def _pay(self, card: str) -> None:
        self.page.get_by_label("Email").wait_for()
        for label, text in MORE_FIELDS.items():
            if self.page.get_by_label(label).count():
                self.page.get_by_label(label).first.fill(text)
        pages.pay(self.page, card)

    def expect_paid(self) -> None:
        limit = SECONDS_FOR_PERSON * 1000
        self.page.wait_for_url(RECEIPT, timeout=limit)
        thanks = self.page.get_by_role("heading", name="Thank you for your order")
        expect(thanks).to_be_visible(timeout=limit)


def buy_an_item(visitor: Visitor) -> None:
    pages.press_buy(visitor.page)
    visitor.pay_at_checkout()
    visitor.expect_paid()


def buy_a_cart(visitor: Visitor) -> None:
    """The receipt shows the discount, tax and total of the cart."""
    pay_here.cart_of(visitor.page, 1, 3, code="TEN")
    shown = pages.figures(visitor.page, pages.SHOP)
    visitor.page.get_by_role("button", name="Buy").click()
    visitor.pay_at_checkout()
    visitor.expect_paid()
    assert pages.figures(visitor.page, pages.SHOP) == shown, "the receipt differs from the cart"


def pay_after_a_declined_card(visitor: Visitor) -> None:
    pages.press_buy(visitor.page)
    visitor.pay_at_checkout(pages.DECLINED_CARD)
    expect(visitor.page.get_by_text("declined").first).to_be_visible(
        timeout=SECONDS_FOR_PERSON * 1000
    )
    visitor.pay_at_checkout()
    visitor.expect_paid()


def come_back_and_buy_again(visitor: Visitor) -> None:
    """The second press leads to the session of the first one."""
    first = pages.press_buy(visitor.page, item=2)
    assert pages.press_buy(visitor.page, item=2).partition("#")[0] == first.partition("#")[0]
    visitor.pay_at_checkout()
    visitor.expect_paid()


def change_the_cart_and_buy(visitor: Visitor) -> None:
    """A changed cart has a new session."""
    page = visitor.page
    sessions = []
    for item in (1, 3):
        pay_here.cart_of(page, item)
        page.get_by_role("button", name="Buy").click()
        page.wait_for_url(CHECKOUT)
        sessions.append(page.url)
    assert sessions[0] != sessions[1], "the session of the cart before the change was used"
    visitor.pay_at_checkout()
    visitor.expect_paid()


def pay_within_the_page(visitor: Visitor) -> None:
    page = visitor.page
    pay_here.cart_of(page, 1)

    def form() -> None:
        pay_here.type_card(pay_here.open_form(page), pages.GOOD_CARD)
        pay_here.press_pay(page)

    visitor.fill_in(form, f"press Pay here, and pay with {pages.GOOD_CARD}, 12/34, 123.")
    visitor.expect_paid()


JOURNEYS: dict[str, Callable[[Visitor], None]] = {
    "Shop: an item on Stripe's page": buy_an_item,
    "Shop: a cart with a discount and a tax": buy_a_cart,
    "Shop: a declined card, then a good one": pay_after_a_declined_card,
    "Shop: back from Stripe's page, and Buy again": come_back_and_buy_again,
    "Shop: a changed cart": change_the_cart_and_buy,
    "Shop: Pay here, in the shop's page": pay_within_the_page,
}


def run_journeys(
    shop: Shop,
    browser: Browser,
    *,
    is_local: bool,
    only: str = "",
) -> Iterator[Outcome]:
    """Run each journey with `only` in its name as a new buyer."""
    shop.run_python(DISCOUNT_AND_TAX)
    for name, journey in JOURNEYS.items():
        if only not in name:
            continue
        with browsers.new_context(browser, shop.address) as context:
            yield _run(name, journey, shop, context, is_local=is_local)


def _run(
    name: str,
    journey: Callable[[Visitor], None],
    shop: Shop,
    context: BrowserContext,
    *,
    is_local: bool,
) -> Outcome:
    outcome, visitor = Outcome(name), Visitor(context.new_page(), is_local)
    context.expose_function("tellViolation", visitor.note_violation)
    context.add_init_script(WATCH % shop.address)
    try:
        journey(visitor)
    except (Error, AssertionError) as error:
        outcome.failures.append(str(error).splitlines()[0])
    blocked = dict.fromkeys(visitor.violations)
    outcome.failures += [f"the shop's policy blocks {each}" for each in blocked]
    return outcome


@contextmanager
def visible_browser(playwright: Playwright, *, is_headless: bool) -> Iterator[Browser]:
    """Chromium with a window, unless `is_headless`."""
    expect.set_options(timeout=30_000)
    names = [name for name in browsers.NAMES if is_headless or "headless" not in name]
    system = next(filter(None, map(shutil.which, names)), None)
    browser = playwright.chromium.launch(
        executable_path=system, headless=is_headless, args=browsers.OPTIONS
    )
    yield browser
    browser.close()
