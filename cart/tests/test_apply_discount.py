from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order, Tax
from store.models import Item
from tests.support.carts import HTMX, add


@pytest.fixture
def in_cart(client: Client, item: Item) -> Item:
    add(client, item)
    return item


def make(**values: Any) -> Discount:
    return Discount.objects.create(**({"code": "WELCOME10", "percent": Decimal(10)} | values))


def apply(client: Client, code: str, currency: str = "USD", **headers: str) -> Any:
    return client.post("/order/discount", {"code": code, "currency": currency}, headers=headers)


@pytest.mark.parametrize("typed", ["WELCOME10", "welcome10", "  Welcome10 ", "ＷＥＬＣＯＭＥ１０"])
def test_a_code_is_found_in_any_spelling(client: Client, in_cart: Item, typed: str) -> None:
    discount = make()
    answer = apply(client, typed)
    assert (answer.status_code, answer["Location"]) == (303, "/order")
    assert Order.objects.get().discount == discount


def test_htmx_gets_the_cart_with_the_discount(client: Client, in_cart: Item) -> None:
    make()
    fragment = apply(client, "WELCOME10", **HTMX).content.decode()
    assert 'class="discount" data-amount="200"' in fragment
    assert "$17.99" in fragment
    assert "Remove code" in fragment
    assert "Code WELCOME10 is applied. The total is now $17.99.</p>" in fragment


def test_the_code_field_keeps_the_focus_and_is_empty_after_it_worked(
    client: Client, in_cart: Item
) -> None:
    make()
    refused = apply(client, "WRONG", **HTMX).content.decode()
    applied = apply(client, "WELCOME10", **HTMX).content.decode()
    removed = client.post("/order/discount/remove", {"currency": "USD"}, headers=HTMX)
    for fragment, field in (
        (refused, "code-USD"),
        (applied, "another-code-USD"),  # another id: htmx keeps the text of a field that stays
        (removed.content.decode(), "code-USD"),
    ):
        attributes = fragment.split(f'id="{field}"')[1].split(">")[0]
        assert "autofocus" in attributes
        assert ("value=" in attributes) == (fragment == refused)
    assert "autofocus" not in client.get("/order").content.decode()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"code": "OTHER"}, "doesn’t exist"),
        ({"is_active": False}, "doesn’t exist"),
        ({"starts_at": timezone.now() + timedelta(days=1)}, "isn’t valid yet"),
        ({"ends_at": timezone.now() - timedelta(days=1)}, "has expired"),
        ({"max_redemptions": 0}, "has been used up"),
        ({"percent": None, "amount": 500, "currency": "EUR"}, "for another currency"),
        (
            {"minimum_amount": 2000, "currency": "USD"},
            "This code needs an order of at least $20.00.",
        ),
    ],
)
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_refused_code_is_422_with_a_message_and_stays_in_its_field(
    client: Client, in_cart: Item, values: dict[str, Any], message: str, headers: dict[str, str]
) -> None:
    make(**values)
    answer = apply(client, "welcome10", **headers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert 'value="welcome10"' in page
    assert 'aria-describedby="code-error-USD"' in page
    assert Order.objects.get().discount is None


@pytest.mark.parametrize(("typed", "message"), [("", "Type a code, then"), ("x" * 41, "exist")])
def test_an_empty_or_too_long_code_is_422(
    client: Client, in_cart: Item, typed: str, message: str
) -> None:
    answer = apply(client, typed)
    assert answer.status_code == 422
    assert message in answer.content.decode()


def test_removes_the_discount(client: Client, in_cart: Item) -> None:
    make()
    apply(client, "WELCOME10")
    assert client.post("/order/discount/remove", {"currency": "USD"}).status_code == 303
    assert Order.objects.get().discount is None


@pytest.mark.parametrize("currency", ["EUR", "", "U\0D"])  # PostgreSQL takes no NUL
def test_without_a_cart_in_that_currency_it_is_404(
    client: Client, in_cart: Item, currency: str
) -> None:
    make()
    assert apply(client, "WELCOME10", currency=currency).status_code == 404
    assert client.post("/order/discount/remove", {"currency": currency}).status_code == 404


@pytest.mark.parametrize("path", ["/order/discount", "/order/discount/remove"])
def test_get_redirects_to_the_cart(client: Client, db: None, path: str) -> None:
    for answer in (client.get(path), client.head(path)):
        assert (answer.status_code, answer["Location"]) == (303, "/order")
    assert client.put(path).status_code == 405


@pytest.mark.parametrize(
    "values",
    [
        {"amount": 5, "currency": "USD"},
        {"percent": None},
        {"percent": Decimal(101)},
        {"percent": Decimal(0)},
        {"percent": None, "amount": 0, "currency": "USD"},
        {"percent": None, "amount": 5, "currency": ""},
        {"minimum_amount": 5},
        {"currency": "XXX"},
        {"max_redemptions": 1, "times_redeemed": 2},
        {"code": "TAKEN"},
    ],
)
def test_the_database_refuses_an_impossible_discount(db: None, values: dict[str, Any]) -> None:
    make(code="TAKEN")
    with pytest.raises(IntegrityError), transaction.atomic():
        make(**values)


@pytest.mark.parametrize("percentage", [Decimal(-1), Decimal("100.0001")])
def test_the_database_refuses_an_impossible_tax(db: None, percentage: Decimal) -> None:
    with pytest.raises(IntegrityError):
        Tax.objects.create(display_name="VAT", percentage=percentage)


def test_the_database_refuses_a_negative_tax_amount(client: Client, in_cart: Item) -> None:
    with pytest.raises(IntegrityError):
        Order.objects.get().taxes.create(
            display_name="VAT", percentage=Decimal(1), is_inclusive=False, amount=-1
        )


def test_a_redemption_is_taken_only_while_one_is_left(db: None) -> None:
    discount = make(max_redemptions=1)
    assert Discount.objects.take_redemption(discount.pk)
    assert not Discount.objects.take_redemption(discount.pk)
    Discount.objects.return_redemption(discount.pk)
    discount.refresh_from_db()
    assert (discount.times_redeemed, str(discount)) == (0, "WELCOME10")
