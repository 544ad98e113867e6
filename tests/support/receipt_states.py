"""The states of a receipt, and the pages of errors: each function brings a browser to one."""

from collections.abc import Callable

from django.utils.translation import get_language

from tests.support.pages import press_buy
from tests.support.pay_here import EURO_ITEM, cart_of
from tests.support.visit import Visit, buy_cart, session_id, token_of


def receipt_waiting(visit: Visit) -> None:
    visit.page.goto(f"/order/{token_of(visit, press_buy(visit.page))}")
    visit.expect_text("We are waiting for your payment")


def receipt_paid(visit: Visit) -> None:
    cart_of(visit.page, 1, 3, code="TEN")
    visit.press("Buy")
    visit.page.wait_for_url("**/c/pay/*")
    visit.shop.local_stripe.pay(session_id(visit.page.url))
    visit.page.goto(f"/order/{token_of(visit, visit.page.url)}")
    visit.expect_text("Thank you for your order")


def receipt_shipped(visit: Visit) -> None:
    receipt_paid(visit)
    change_order(visit, "shipped_at=timezone.now(), tracking_number='1Z 999'")
    visit.expect_text("We sent your order")


def receipt_refunded(visit: Visit) -> None:
    receipt_paid(visit)
    change_order(visit, "refunded_amount=F('total_amount')")
    visit.expect_text("We refunded")


def change_order(visit: Visit, values: str) -> None:
    """Change the order whose receipt is open."""
    token = visit.page.url.rsplit("/", 1)[1]
    visit.shop.run_python(
        "from django.db.models import F; from django.utils import timezone;"
        f"from cart.models import Order; Order.objects.filter(token='{token}').update({values})"
    )
    visit.page.reload()


def receipt_of_a_debit(visit: Visit) -> None:
    """The bank needs days."""
    paying = buy_cart(visit, EURO_ITEM)
    visit.shop.local_stripe.pay(paying, iban="DE89370400440532013000")
    visit.page.goto(f"/order/{visit.shop.local_stripe.token_of(paying)}")
    visit.expect_text("Your payment is on its way")


def receipt_not_paid(visit: Visit) -> None:
    paying = buy_cart(visit, 1)
    visit.shop.local_stripe.expire(paying)
    visit.page.goto(f"/order/{visit.shop.local_stripe.token_of(paying)}")
    visit.expect_text("This order was not paid")


def receipt_awaited(visit: Visit) -> None:
    """A voucher that isn't paid yet."""
    paying = buy_cart(visit, EURO_ITEM)
    visit.shop.local_stripe.pay(paying, method="multibanco")
    visit.page.goto(f"/order/{visit.shop.local_stripe.token_of(paying)}")
    visit.expect_text("How to pay")


def page_not_found(visit: Visit) -> None:
    _show(
        visit,
        "Client().get('/x', SERVER_NAME='localhost',"
        f"headers={{'accept-language': '{get_language()}'}})",
    )
    visit.expect_text("There is no such page")


def failure_of_the_shop(visit: Visit) -> None:
    _show(visit, "server_error(RequestFactory().get('/'))")
    visit.expect_text("Something went wrong on our side")


def _show(visit: Visit, answer: str) -> None:
    """Show an answer without DEBUG, which is on in the shop of the tests."""
    code = (
        "from django.conf import settings; from django.test import Client, RequestFactory;"
        "from django.utils import translation; from project.error_pages import server_error;"
        f"translation.activate('{get_language()}');"
        f"settings.DEBUG = False; print({answer}.content.decode())"
    )
    body = visit.shop.run_python(code)
    visit.page.route("**/broken", lambda route: route.fulfill(body=body, content_type="text/html"))
    visit.page.goto("/broken")


def request_refused(visit: Visit) -> None:
    """The form of a page that isn't the shop's."""
    form = (
        f'<form method=post action="{visit.shop.address}/order/lines"><button>Win</button></form>'
    )
    visit.page.set_content(form)
    visit.page.get_by_role("button", name="Win").click()
    visit.expect_text("That isn’t allowed")


def address_not_understood(visit: Visit) -> None:
    visit.page.goto("/?after=x")


STATES: list[Callable[[Visit], None]] = [
    receipt_waiting,
    receipt_paid,
    receipt_shipped,
    receipt_refunded,
    receipt_of_a_debit,
    receipt_not_paid,
    receipt_awaited,
    page_not_found,
    failure_of_the_shop,
    request_refused,
    address_not_understood,
]
