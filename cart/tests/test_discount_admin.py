"""Discounts and taxes in the admin."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from cart.models import Discount
from tests.support.admin_forms import opened_form, save
from tests.support.answers import page_of


def test_stores_the_code_in_capitals_without_spaces(admin_client: Client) -> None:
    answer = admin_client.post(
        "/admin/cart/discount/add/", {"code": " summer ", "percent": "15", "is_active": "on"}
    )
    assert answer.status_code == 302
    discount = Discount.objects.get()
    assert (discount.code, discount.percent) == ("SUMMER", Decimal(15))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Enter either a percentage or an amount."),
        ({"percent": "5", "amount": "5", "currency": "USD"}, "Enter either a percentage"),
        ({"amount": "0", "currency": "USD"}, "The amount must be more than zero."),
        ({"amount": "5"}, "Choose the currency of the amount."),
        ({"amount": "1.234", "currency": "KWD"}, "KWD has 3 decimals, and Stripe requires"),
        ({"amount": "1.5", "currency": "ISK"}, "ISK has 0 decimals; this amount has more."),
        ({"percent": "5", "minimum_amount": "5"}, "Choose the currency of the amount."),
        (
            {"percent": "5", "minimum_amount": "0.005", "currency": "USD"},
            "USD has 2 decimals; this amount has more.",
        ),
        ({"percent": "101"}, "less than or equal to 100"),
    ],
)
def test_an_impossible_discount_is_refused_with_a_message(
    admin_client: Client, settings: Any, values: dict[str, Any], message: str
) -> None:
    settings.STRIPE_CURRENCIES = ["USD", "KWD", "ISK"]
    page = admin_client.post("/admin/cart/discount/add/", {"code": "X"} | values)
    assert message in page.content.decode()
    assert not Discount.objects.exists()


@pytest.mark.parametrize(
    ("currency", "typed", "stored", "listed"),
    [
        ("USD", "5.00", 500, "$5.00"),
        ("JPY", "500", 500, "¥500"),
        ("ISK", "150", 15000, "ISK150"),
        ("KWD", "1.250", 1250, "KWD1.250"),
    ],
)
def test_amounts_are_entered_like_prices(
    admin_client: Client, settings: Any, currency: str, typed: str, stored: int, listed: str
) -> None:
    settings.STRIPE_CURRENCIES = [currency]
    values = {"code": "X", "amount": typed, "minimum_amount": typed, "currency": currency}
    assert admin_client.post("/admin/cart/discount/add/", values).status_code == 302
    discount = Discount.objects.get()
    assert (discount.amount, discount.minimum_amount) == (stored, stored)
    assert listed in page_of(admin_client, "/admin/cart/discount/")
    form = opened_form(admin_client, f"/admin/cart/discount/{discount.pk}/change/")
    assert (form["amount"], form["minimum_amount"]) == (typed, typed)


def test_a_redemption_during_saving_is_kept(admin_client: Client) -> None:
    discount = Discount.objects.create(code="X", percent=Decimal(5))

    def redeem_first(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "cart_discount"') and "+" not in sql:
            Discount.objects.take_redemption(discount.pk)
        return execute(sql, *rest)

    address = f"/admin/cart/discount/{discount.pk}/change/"
    form = opened_form(admin_client, address)
    with connection.execute_wrapper(redeem_first):
        assert save(admin_client, address, form, percent="6") == ""
    discount.refresh_from_db()
    assert (discount.percent, discount.times_redeemed) == (Decimal(6), 1)


def test_another_currency_converts_the_entered_amount_again(
    admin_client: Client, settings: Any
) -> None:
    settings.STRIPE_CURRENCIES = ["USD", "KWD"]
    discount = Discount.objects.create(code="X", amount=500, currency="USD")
    address = f"/admin/cart/discount/{discount.pk}/change/"
    assert save(admin_client, address, opened_form(admin_client, address), currency="KWD") == ""
    discount.refresh_from_db()
    assert (discount.amount, discount.currency) == (5000, "KWD")


def test_a_limit_below_the_number_of_redemptions_is_refused(admin_client: Client) -> None:
    discount = Discount.objects.create(code="X", percent=Decimal(5), times_redeemed=3)
    address = f"/admin/cart/discount/{discount.pk}/change/"
    form = opened_form(admin_client, address)
    assert "already been used more often" in save(admin_client, address, form, max_redemptions="2")


def test_a_redemption_after_the_first_read_counts_for_the_limit(admin_client: Client) -> None:
    discount = Discount.objects.create(code="X", percent=Decimal(5), times_redeemed=2)
    address = f"/admin/cart/discount/{discount.pk}/change/"
    form = opened_form(admin_client, address)
    reads = []

    def redeem_after_the_first_read(execute: Any, sql: str, *rest: Any) -> Any:
        rows = execute(sql, *rest)
        if sql.startswith("SELECT") and 'FROM "cart_discount"' in sql:
            reads.append(sql)
            if len(reads) == 1:
                Discount.objects.take_redemption(discount.pk)
        return rows

    with connection.execute_wrapper(redeem_after_the_first_read):
        page = save(admin_client, address, form, max_redemptions="2")
    assert "already been used more often" in page


def test_the_forms_say_what_a_change_does(admin_client: Client) -> None:
    Discount.objects.create(code="X", percent=Decimal("12.50"), max_redemptions=3)
    page = page_of(admin_client, "/admin/cart/discount/")
    assert "0 / 3" in page
    assert "12.5 %" in page
    for name in ("discount", "tax", "shippingrate"):
        address = f"/admin/cart/{name}/add/"
        assert "Open carts follow a change at once" in page_of(admin_client, address)
