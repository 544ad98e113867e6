"""The list and the page of orders in the admin."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import Discount, Order, OrderLine, Tax
from payments.models import Payment, PaymentState
from store.models import Item
from tests.support.alerts import add_alert
from tests.support.answers import page_of
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe


@pytest.fixture
def order(item: Item, local_stripe: LocalStripe) -> Order:
    buyer = Client()
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    add(buyer, item, quantity=2)
    buyer.get("/order/buy")
    Order.objects.update(email="buyer@shop.example")
    return Order.objects.get()


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        page_of(client, address)
    return len(captured)


def test_shows_the_frozen_order_and_nothing_can_be_edited(
    admin_client: Client, order: Order
) -> None:
    page = page_of(admin_client, f"/admin/cart/order/{order.pk}/change/")
    for text in ("Stoneware mug", "$39.98", "$8.00", "$47.98", "buyer@shop.example"):
        assert text in page
    stripe_id = Payment.objects.get().stripe_id
    assert f"https://dashboard.stripe.com/test/search?query={stripe_id}" in page
    assert 'name="_save"' not in page
    assert "deletelink" not in page


def test_carts_that_nobody_tried_to_pay_are_listed_only_on_request(
    admin_client: Client, order: Order
) -> None:
    left, watched = (Order.objects.create(currency="USD") for _ in range(2))
    add_alert(watched, "Look at it.")
    Order.objects.filter(pk=order.pk).update(state="cart", refunded_amount=0)
    page = page_of(admin_client, "/admin/cart/order/")
    assert "All but carts" in page
    assert [each.number in page for each in (order, watched, left)] == [True, True, False]
    page = page_of(admin_client, "/admin/cart/order/?state=cart")
    assert [each.number in page for each in (order, watched, left)] == [True] * 3
    assert "Orders: 0" in page_of(admin_client, "/admin/cart/order/?state=paid")


def test_an_attempt_without_a_session_has_no_link(admin_client: Client, order: Order) -> None:
    Payment.objects.update(stripe_id="")
    page = page_of(admin_client, f"/admin/cart/order/{order.pk}/change/")
    assert "dashboard.stripe.com" not in page


def test_orders_are_found_by_what_staff_know(admin_client: Client, order: Order) -> None:
    spoken = order.number.replace("-", "").lower()
    stripe_id = Payment.objects.get().stripe_id
    for words in (order.number, spoken, order.token, "BUYER@shop", stripe_id):
        assert order.number in page_of(admin_client, f"/admin/cart/order/?q={words}")
    assert order.number not in page_of(admin_client, "/admin/cart/order/?q=nothing")


@pytest.mark.parametrize("path", ["add/", "1/delete/"])
def test_orders_can_not_be_added_or_deleted(admin_client: Client, path: str) -> None:
    assert admin_client.get(f"/admin/cart/order/{path}").status_code in (302, 403)


def test_the_query_count_and_the_selects_do_not_grow_with_rows(
    admin_client: Client, order: Order
) -> None:
    addresses = [
        "/admin/cart/order/",
        f"/admin/cart/order/{order.pk}/change/",
        "/admin/store/item/",
        "/admin/cart/discount/",
        "/admin/cart/discount/add/",
        "/admin/cart/tax/",
    ]
    few = [queries(admin_client, address) for address in addresses]
    Item.objects.bulk_create(
        Item(name=f"Item {n}", price=Decimal(5), currency="USD") for n in range(5000)
    )
    Order.objects.bulk_create(Order(currency="USD") for _ in range(3000))
    item_id = Item.objects.latest("pk").pk
    OrderLine.objects.bulk_create(
        OrderLine(order_id=pk, item_id=item_id, name="Item", unit_amount=500)
        for pk in Order.objects.values_list("pk", flat=True)
    )
    Discount.objects.bulk_create(Discount(code=f"C{n}", percent=Decimal(5)) for n in range(200))
    many = [queries(admin_client, address) for address in addresses]
    assert [after <= before + 1 for before, after in zip(few, many, strict=True)] == [True] * 6
    for address in addresses:
        assert page_of(admin_client, address).count("<option") < 60


@pytest.mark.django_db(transaction=True)
def test_the_query_count_does_not_grow_with_attempts(admin_client: Client) -> None:
    order = Order.objects.create(currency="USD")

    def queries(attempts: int) -> int:
        while order.payments.count() < attempts:
            Payment.objects.create(
                order=order,
                attempt=order.payments.count() + 1,
                account="default",
                livemode=False,
                amount=1,
                currency="USD",
                state=PaymentState.FAILED,
                expires_at=timezone.now(),
            )
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(f"/admin/cart/order/{order.pk}/change/")
        return len(captured)

    queries(1)
    assert queries(2) == queries(8)
