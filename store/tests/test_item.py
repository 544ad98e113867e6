from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

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
    Item.objects.give_back_stock(item.pk, 1)
    item.refresh_from_db()
    assert item.stock == 1


def test_an_item_without_a_stock_figure_never_runs_out(item: Item) -> None:
    assert Item.objects.take_stock(item.pk, 999)
    Item.objects.give_back_stock(item.pk, 999)
    item.refresh_from_db()
    assert item.stock is None


def test_is_called_by_its_name(item: Item) -> None:
    assert str(item) == "Stoneware mug"
