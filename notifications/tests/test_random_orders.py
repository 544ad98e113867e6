"""Random orders show the same figures in the cart, at Stripe and on the receipt, mail and invoice.

This is here because only notifications can import all of them.
"""

import os
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from cart.models import Discount, Order, State, Tax
from store.money import charge_step, format_money
from tests.support.carts import add_tax, fill_cart
from tests.support.invoices import invoiced_totals
from tests.support.local_stripe import LocalStripe
from tests.support.mails import mailed_totals
from tests.support.payments import pay_and_settle
from tests.support.presses import new_browser, session_of_cart
from tests.support.shipping import add_rate, offer_only
from tests.support.shown_totals import shown_totals

# The same lines run for every order, and measuring them takes half as long again.
pytestmark = pytest.mark.no_cover

# In each of the four ways of rounding. `make test-all` tries more.
ORDERS = int(os.environ.get("RANDOM_ORDERS", "25"))
# For each currency: the decimals of its prices, and prices from and to.
CURRENCIES = {
    "ISK": (0, 500, 10_000),
    "JPY": (0, 200, 20_000),
    "KWD": (2, 100, 30_000),
    "UGX": (0, 2_100, 10_000),
}


@pytest.fixture
def taxes(db: None) -> list[Tax]:
    return [
        add_tax("24"),
        add_tax("8.625"),
        add_tax("11", is_inclusive=True),
        add_tax("2.1", is_inclusive=True),
    ]


def use_code(client: Client, code: str, currency: str) -> None:
    answer = client.post("/order/discount", {"code": code, "currency": currency})
    assert answer.status_code == 303


@pytest.mark.parametrize("tax_rounding", ["line", "sum"])
@pytest.mark.parametrize("percent_rounding", ["line", "sum"])
def test_random_orders_show_the_same_figures_everywhere(
    admin_client: Client,
    make_item: Any,
    local_stripe: LocalStripe,
    settings: Any,
    tax_rounding: str,
    percent_rounding: str,
) -> None:
    """To the cent; every fifth order is without shipping.

    A code is used where it leaves more than Stripe's minimum to pay.
    """
    settings.BUY_RATE_LIMIT = settings.WRITE_RATE_LIMIT = settings.CODE_RATE_LIMIT = 0
    local_stripe.configure(tax_rounding=tax_rounding, percent_rounding=percent_rounding)
    seed = random.randrange(10**6)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    items = [make_item(price=Decimal(chance.randint(50, 20000)) / 100) for _ in range(20)]
    taxes = [
        add_tax(),
        add_tax("8.625"),
        add_tax("21", is_inclusive=True),
        add_tax("2.1", is_inclusive=True),
    ]
    Discount.objects.create(code="PERCENT", percent=Decimal("12.5"))
    Discount.objects.create(code="AMOUNT", amount=777, currency="USD")
    rates = [add_rate(490), add_rate(1234, "DE", free_from_amount=30_000), add_rate(0, "DE")]
    orders = {}  # with the amounts on their receipts
    for number in range(ORDERS):
        for tax in taxes:
            Tax.objects.filter(pk=tax.pk).update(is_active=chance.random() < 0.5)
        offer_only(chance.choice(rates) if number % 5 else None)
        client = Client()
        wanted = {each: chance.randint(1, 9) for each in chance.sample(items, chance.randint(1, 6))}
        fill_cart(client, wanted)
        subtotal = sum(each.amount * quantity for each, quantity in wanted.items())
        if (code := chance.choice(["PERCENT", "AMOUNT", ""])) and subtotal > 900:
            use_code(client, code, "USD")
        session = local_stripe.session(session_of_cart(client))
        cart = shown_totals(client.get("/order").content.decode())
        order = pay_and_settle(local_stripe, session["id"])
        receipt = shown_totals(client.get(f"/order/{order.token}").content.decode())
        orders[order] = receipt
        plain, html = mailed_totals(order)
        details = session["total_details"]
        failure = f"seed {seed}, order {number}"
        assert cart == receipt, failure
        assert plain == html == as_written(receipt, "USD"), failure
        assert cart["subtotal"] == [session["amount_subtotal"] - order.shipping_amount], failure
        assert cart["shipping"] == ([order.shipping_amount] if order.has_shipping else []), failure
        assert sum(cart["discount"]) == details["amount_discount"], failure
        assert sum(cart["tax"]) == details["amount_tax"], failure
        assert cart["total"] == [session["amount_total"]] == [order.total_amount], failure
        assert are_spread(order), failure
    assert invoiced_totals(admin_client, *orders) == list(orders.values()), f"seed {seed}"


def are_spread(order: Order) -> bool:
    """Whether the shares of lines and shipping add up to the discount and to each tax."""
    taxes = order.taxes.annotate(of_lines=Sum("shares__amount"))
    of_lines = order.lines.aggregate(sum=Sum("discount_amount"))["sum"]
    return order.discount_amount == of_lines + order.shipping_discount_amount and all(
        tax.amount == tax.of_lines + tax.shipping_amount for tax in taxes
    )


@pytest.mark.parametrize("currency", CURRENCIES)
def test_20_random_orders_are_sold_at_checkout_for_what_the_cart_shows(
    admin_client: Client,
    make_item: Any,
    local_stripe: LocalStripe,
    settings: Any,
    taxes: list[Tax],
    currency: str,
) -> None:
    settings.BUY_RATE_LIMIT = settings.WRITE_RATE_LIMIT = settings.CODE_RATE_LIMIT = 0
    seed = random.randrange(10**6)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    decimals, least, most = CURRENCIES[currency]
    items = [
        make_item(currency=currency, price=Decimal(chance.randint(least, most)).scaleb(-decimals))
        for _ in range(20)
    ]
    Discount.objects.create(code="PERCENT", percent=Decimal("12.5"))
    step = charge_step(currency)
    Discount.objects.create(code="AMOUNT", amount=77 * step, currency=currency)
    costs, in_currency = 123 * step, {"currency": currency}
    rates = [add_rate(costs, **in_currency), add_rate(costs, free_from_amount=1, **in_currency)]
    orders = {}
    for number in range(20):
        names = ("tax_rounding", "percent_rounding")
        local_stripe.configure(**{name: chance.choice(["line", "sum"]) for name in names})
        offer_only(chance.choice([*rates, rates[0], None]))
        for tax in taxes:
            Tax.objects.filter(pk=tax.pk).update(is_active=chance.random() < 0.5)
        client = new_browser()
        chosen = chance.sample(items, chance.randint(1, 6))
        fill_cart(client, {each: chance.randint(1, 9) for each in chosen})
        if code := chance.choice(["PERCENT", "AMOUNT", ""]):
            use_code(client, code, currency)
        failure = f"seed {seed}, order {number}"
        session = local_stripe.session(session_of_cart(client))
        cart = shown_totals(client.get("/order").content.decode())
        order = pay_and_settle(local_stripe, session["id"])
        receipt = shown_totals(client.get(f"/order/{order.token}").content.decode())
        orders[order] = receipt
        plain, html = mailed_totals(order)
        assert order.state == State.PAID, failure
        assert cart == receipt, failure
        assert plain == html == as_written(receipt, currency), failure
        assert sum(cart["discount"]) == session["total_details"]["amount_discount"], failure
        assert cart["shipping"] == ([order.shipping_amount] if order.has_shipping else []), failure
        assert cart["total"] == [session["amount_total"]] == [order.total_amount], failure
        assert order.total_amount % step == 0, failure
    assert invoiced_totals(admin_client, *orders) == list(orders.values()), f"seed {seed}"


def as_written(totals: dict[str, list[int]], currency: str) -> dict[str, list[str]]:
    """Amounts in minor units as a mail shows them; it has no spaces that don't break."""
    return {
        name: [" ".join(format_money(each, currency, "en").split()) for each in amounts]
        for name, amounts in totals.items()
    }
