from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cart.models import Discount, Order, OrderLine, Tax
from payments.models import Payment
from store.models import Item
from tests.support.alerts import add_alert
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


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_order_shows_what_was_frozen_and_nothing_can_be_edited(
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
    assert "0 orders" in page_of(admin_client, "/admin/cart/order/?state=paid")


def test_an_attempt_without_a_session_has_no_link(admin_client: Client, order: Order) -> None:
    Payment.objects.update(stripe_id="")
    page = page_of(admin_client, f"/admin/cart/order/{order.pk}/change/")
    assert "dashboard.stripe.com" not in page


def test_orders_are_found_by_email_token_and_stripe_id(admin_client: Client, order: Order) -> None:
    for words in (order.number, order.token, "BUYER@shop", Payment.objects.get().stripe_id):
        assert order.number in page_of(admin_client, f"/admin/cart/order/?q={words}")
    assert order.token not in page_of(admin_client, "/admin/cart/order/?q=nothing")


@pytest.mark.parametrize("path", ["add/", "1/delete/"])
def test_orders_are_neither_made_nor_deleted_by_hand(admin_client: Client, path: str) -> None:
    assert admin_client.get(f"/admin/cart/order/{path}").status_code in (302, 403)


def test_3000_orders_and_5000_items_cost_no_more_queries_and_make_no_giant_selects(
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


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        page_of(client, address)
    return len(captured)


def test_a_discount_is_made_in_its_one_spelling(admin_client: Client) -> None:
    answer = admin_client.post(
        "/admin/cart/discount/add/", {"code": " summer ", "percent": "15", "is_active": "on"}
    )
    assert answer.status_code == 302
    discount = Discount.objects.get()
    assert (discount.code, discount.percent) == ("SUMMER", Decimal(15))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Give either a percentage or an amount."),
        ({"percent": "5", "amount": "5", "currency": "USD"}, "Give either a percentage"),
        ({"amount": "0", "currency": "USD"}, "The amount must be more than zero."),
        ({"amount": "5"}, "An amount needs its currency."),
        ({"amount": "1.234", "currency": "KWD"}, "KWD has 2 decimals; this amount has more."),
        ({"amount": "1.5", "currency": "ISK"}, "ISK has 0 decimals; this amount has more."),
        ({"percent": "5", "minimum_amount": "5"}, "An amount needs its currency."),
        (
            {"percent": "5", "minimum_amount": "0.005", "currency": "USD"},
            "USD has 2 decimals; this amount has more.",
        ),
        ({"percent": "101"}, "less than or equal to 100"),
    ],
)
def test_an_impossible_discount_is_refused_in_place(
    admin_client: Client, settings: Any, values: dict[str, Any], sentence: str
) -> None:
    settings.STRIPE_CURRENCIES = ["USD", "KWD", "ISK"]
    page = admin_client.post("/admin/cart/discount/add/", {"code": "X"} | values)
    assert sentence in page.content.decode()
    assert not Discount.objects.exists()


@pytest.mark.parametrize(
    ("currency", "typed", "stored", "listed"),
    [
        ("USD", "5.00", 500, "$5.00"),
        ("JPY", "500", 500, "¥500"),
        ("ISK", "150", 15000, "ISK150"),
        ("KWD", "1.25", 1250, "KWD1.250"),
    ],
)
def test_amounts_of_a_discount_are_typed_like_prices(
    admin_client: Client, settings: Any, currency: str, typed: str, stored: int, listed: str
) -> None:
    settings.STRIPE_CURRENCIES = [currency]
    values = {"code": "X", "amount": typed, "minimum_amount": typed, "currency": currency}
    assert admin_client.post("/admin/cart/discount/add/", values).status_code == 302
    discount = Discount.objects.get()
    assert (discount.amount, discount.minimum_amount) == (stored, stored)
    assert listed in page_of(admin_client, "/admin/cart/discount/")
    assert (
        page_of(admin_client, f"/admin/cart/discount/{discount.pk}/change/").count(
            f'value="{typed}"'
        )
        == 2
    )


def test_a_redemption_while_a_discount_is_saved_is_not_forgotten(admin_client: Client) -> None:
    discount = Discount.objects.create(code="X", percent=Decimal(5))

    def redeem_first(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "cart_discount"') and "+" not in sql:
            Discount.objects.take_redemption(discount.pk)
        return execute(sql, *rest)

    values = {"code": "X", "percent": "6", "is_active": "on"}
    with connection.execute_wrapper(redeem_first):
        admin_client.post(f"/admin/cart/discount/{discount.pk}/change/", values)
    discount.refresh_from_db()
    assert (discount.percent, discount.times_redeemed) == (Decimal(6), 1)


def test_the_same_figure_in_another_currency_is_another_amount(
    admin_client: Client, settings: Any
) -> None:
    settings.STRIPE_CURRENCIES = ["USD", "KWD"]
    discount = Discount.objects.create(code="X", amount=500, currency="USD")
    values = {"code": "X", "amount": "5.00", "currency": "KWD", "is_active": "on"}
    admin_client.post(f"/admin/cart/discount/{discount.pk}/change/", values)
    discount.refresh_from_db()
    assert (discount.amount, discount.currency) == (5000, "KWD")


def test_a_limit_below_what_was_redeemed_is_refused(admin_client: Client) -> None:
    discount = Discount.objects.create(code="X", percent=Decimal(5), times_redeemed=3)
    page = admin_client.post(
        f"/admin/cart/discount/{discount.pk}/change/",
        {"code": "X", "percent": "5", "max_redemptions": "2"},
    )
    assert "redeemed more often already" in page.content.decode()


def test_the_lists_say_what_editing_does(admin_client: Client) -> None:
    Discount.objects.create(code="X", percent=Decimal("12.50"), max_redemptions=3)
    page = page_of(admin_client, "/admin/cart/discount/")
    assert "0 / 3" in page
    assert "12.5 %" in page
    for address in ("/admin/cart/discount/add/", "/admin/cart/tax/add/"):
        assert "Open carts follow a change at once" in page_of(admin_client, address)
