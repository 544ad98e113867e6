from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.translation import override

from store.models import Item


@pytest.mark.parametrize(
    "values", [{"price": 0}, {"price": Decimal("-1")}, {"stock": -1}, {"currency": "XXX"}]
)
def test_the_database_refuses_an_impossible_item(make_item: Any, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_item(**values)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"price": Decimal("0.005")}, "price"),
        ({"price": Decimal("0")}, "price"),
        ({"price": Decimal("0.5"), "currency": "JPY"}, "price"),
        ({"price": None}, "price"),
    ],
)
def test_cleaning_says_which_field_is_wrong(db: None, values: dict[str, Any], field: str) -> None:
    item = Item(**({"name": "Mug", "price": Decimal(1), "currency": "USD"} | values))
    with pytest.raises(ValidationError) as refused:
        item.full_clean()
    assert field in refused.value.message_dict


def test_stock_is_taken_only_while_there_is_enough(make_item: Any) -> None:
    item = make_item(stock=2)
    assert Item.objects.take_stock(item.pk, 2)
    assert not Item.objects.take_stock(item.pk, 1)
    Item.objects.return_stock(item.pk, 1)
    item.refresh_from_db()
    assert item.stock == 1


def test_an_item_without_a_stock_never_runs_out(item: Item) -> None:
    assert Item.objects.take_stock(item.pk, 999)
    Item.objects.return_stock(item.pk, 999)
    item.refresh_from_db()
    assert item.stock is None


def test_shows_as_its_name(item: Item) -> None:
    assert str(item) == "Stoneware mug"


@pytest.mark.parametrize(
    ("price", "currency"),
    [
        ("10.005", "USD"),
        ("19.999", "USD"),
        ("0.001", "USD"),
        ("999999.991", "USD"),
        ("0.5", "JPY"),
        ("1500.5", "ISK"),
        ("1500.01", "UGX"),
        ("1.234", "KWD"),
        ("1000000.00", "USD"),
        ("999999999.99", "USD"),
        ("100000000", "JPY"),
        ("1000000", "ISK"),
        ("100000", "KWD"),
    ],
)
def test_the_database_refuses_a_price_that_stripe_would_refuse(
    make_item: Any, price: str, currency: str
) -> None:
    with pytest.raises(IntegrityError):
        make_item(price=Decimal(price), currency=currency)


def test_the_database_refuses_an_update_to_a_price_with_too_many_decimals(
    client: Client, item: Item
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.update(price=Decimal("10.005"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.update(currency="JPY")
    assert "$19.99" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("price", "currency", "amount"),
    [
        ("0.10", "USD", 10),
        ("0.29", "USD", 29),
        ("1.15", "USD", 115),
        ("4.35", "USD", 435),
        ("8.70", "USD", 870),
        ("19.99", "USD", 1999),
        ("999999.99", "USD", 99_999_999),
        ("1.23", "KWD", 1230),
        ("99999.99", "KWD", 99_999_990),
        ("500", "JPY", 500),
        ("99999999", "JPY", 99_999_999),
        ("1500", "ISK", 150_000),
        ("999999", "ISK", 99_999_900),
    ],
)
def test_the_database_accepts_a_price_that_stripe_would_accept(
    make_item: Any, price: str, currency: str, amount: int
) -> None:
    item = make_item(price=Decimal(price), currency=currency)
    item.refresh_from_db()
    assert item.amount == amount


def test_the_database_accepts_every_number_of_cents(db: None) -> None:
    prices = {Decimal(cents) / 100 for cents in (*range(1, 3000), *range(99_998_000, 10**8))}
    Item.objects.bulk_create(Item(name="Mug", price=price, currency="USD") for price in prices)
    assert set(Item.objects.values_list("price", flat=True)) == prices


@pytest.mark.parametrize(
    ("price", "currency", "message"),
    [
        ("0.49", "USD", "The price must be at least $0.50, the lowest amount that Stripe accepts."),
        ("49", "JPY", "The price must be at least ¥50, the lowest amount that Stripe accepts."),
        (
            "1000000",
            "USD",
            "The price must be at most $999,999.99, the highest amount that Stripe accepts.",
        ),
        (
            "100000000",
            "JPY",
            "The price must be at most ¥99,999,999, the highest amount that Stripe accepts.",
        ),
        ("0.005", "USD", "USD has 2 decimals; this amount has more."),
        ("1.234", "KWD", "KWD has 3 decimals, and Stripe requires that the last one is 0."),
        ("0", "USD", "The price must be more than zero."),
    ],
)
def test_cleaning_says_what_is_wrong_with_a_price(
    db: None, price: str, currency: str, message: str
) -> None:
    with override("en"), pytest.raises(ValidationError) as refused:
        Item(name="Mug", price=Decimal(price), currency=currency).full_clean()
    assert refused.value.message_dict == {"price": [message]}


@pytest.mark.parametrize(
    ("price", "currency"),
    [
        ("0.50", "USD"),
        ("19.99", "USD"),
        ("999999.99", "USD"),
        ("50", "JPY"),
        ("1", "ISK"),
        ("99999.99", "KWD"),
    ],
)
def test_cleaning_accepts_a_price_that_stripe_would_accept(
    db: None, price: str, currency: str
) -> None:
    Item(name="Mug", price=Decimal(price), currency=currency).full_clean()


def test_what_the_search_compares_is_saved_with_the_texts(item: Item) -> None:
    item.name, item.description = "Teapot", "Ёмкость 1 л"
    item.save(update_fields=["name"])
    item.refresh_from_db()
    assert (item.name_words, item.words) == (" teapot", " teapot емкость 1 л")
    Item.objects.bulk_create([Item(name="Étui", price=Decimal(1), currency="EUR")])
    assert Item.objects.latest("pk").name_words == " etui"


def test_other_changes_do_not_save_the_words(item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(words=" untouched")
    item.save(update_fields=["stock"])
    item.refresh_from_db()
    assert item.words == " untouched"
