"""The coupon and the tax rates of an order at Stripe, in payments.methods."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order, State, Tax
from cart.quote import quote_order
from payments.models import StripeObjectId
from store.models import Item
from tests.support.carts import add, add_tax, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import pay_and_settle
from tests.support.presses import new_browser, session_of_cart


def test_a_coupon_and_a_tax_rate_are_created_once(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add_tax()
    Discount.objects.create(code="TEN", percent=Decimal(10))
    for visitor in (Client(), Client()):
        add(visitor, item)
        use_code(visitor, "TEN")
        session_of_cart(visitor)
    assert len(local_stripe.requests("POST", "/v1/coupons")) == 1
    assert len(local_stripe.requests("POST", "/v1/tax_rates")) == 1
    assert {str(each)[:4] for each in StripeObjectId.objects.filter(kind="tax_rate")} == {"txr_"}


@pytest.mark.django_db(transaction=True)
def test_two_presses_that_create_the_same_tax_rate_use_the_one_that_is_stored(
    item: Item, local_stripe: LocalStripe
) -> None:
    """Another visitor buys between the look at the stored ids and the creation of the rate."""
    add_tax()
    others: list[str] = []

    def let_another_visitor_buy(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith("SELECT") and '"payments_stripeobjectid"' in sql and not others:
            others.append(sql)
            assert new_browser().get(f"/buy/{item.pk}").status_code == 200
        return result

    with connection.execute_wrapper(let_another_visitor_buy):
        assert new_browser().get(f"/buy/{item.pk}").status_code == 200
    sent = local_stripe.requests("POST", "/v1/checkout/sessions")
    rates = {each["params"]["line_items"]["0"]["tax_rates"]["0"] for each in sent}
    assert len(sent) == 2
    assert rates == {StripeObjectId.objects.get().stripe_id}
    assert len(local_stripe.requests("POST", "/v1/tax_rates")) == 2


def test_editing_a_discount_or_a_tax_creates_new_ones_and_paid_orders_keep_theirs(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    tax = add_tax("10")
    discount = Discount.objects.create(code="SALE", percent=Decimal(10))
    orders = []
    for percent in (10, 20):
        Discount.objects.filter(pk=discount.pk).update(percent=Decimal(percent))
        Tax.objects.filter(pk=tax.pk).update(percentage=Decimal(percent))
        add(client, item)
        use_code(client, "SALE")
        orders.append(pay_and_settle(local_stripe, session_of_cart(client)))
    sent = [r["params"]["percent_off"] for r in local_stripe.requests("POST", "/v1/coupons")]
    assert sent == ["10.0", "20.0"]
    assert [order.discount_amount for order in orders] == [200, 400]
    assert [order.taxes.get().percentage for order in orders] == [Decimal(10), Decimal(20)]
    page = Client().get(f"/order/{orders[0].token}").content.decode()
    assert 'class="discount" data-amount="200"' in page


def test_a_coupon_and_a_tax_rate_deleted_at_stripe_are_created_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add_tax()
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    use_code(client, "TEN")
    first = session_of_cart(client)
    local_stripe.reset()
    assert session_of_cart(client) != first
    assert StripeObjectId.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "total"), [({"percent": Decimal(100)}, 0), ({"amount": 5000, "currency": "USD"}, 0)]
)
def test_an_order_over_nothing_is_a_session_without_costs(
    client: Client, item: Item, local_stripe: LocalStripe, values: dict[str, Any], total: int
) -> None:
    Discount.objects.create(code="FREE", **values)
    add_tax()
    add(client, item)
    use_code(client, "FREE")
    order = pay_and_settle(local_stripe, session_of_cart(client))
    assert (order.state, order.total_amount) == (State.PAID, total)


@pytest.mark.parametrize(("currency", "price"), [("KWD", "1.23"), ("ISK", "1555")])
def test_a_percentage_and_an_inclusive_tax_in_a_currency_with_a_large_charge_step(
    client: Client, make_item: Any, local_stripe: LocalStripe, currency: str, price: str
) -> None:
    """Stripe would round them to a unit that it can't charge in this currency."""
    add_tax("24", is_inclusive=True)
    Discount.objects.create(code="SEVEN", percent=Decimal(7))
    add(client, make_item(currency=currency, price=Decimal(price)), quantity=3)
    answer = client.post("/order/discount", {"code": "SEVEN", "currency": currency})
    assert answer.status_code == 303
    shown = quote_order(Order.objects.get(), at=timezone.now()).totals
    session = local_stripe.session(session_of_cart(client))
    assert session["amount_total"] == shown.total == Order.objects.get().total_amount
    assert session["total_details"]["amount_discount"] == shown.discount
