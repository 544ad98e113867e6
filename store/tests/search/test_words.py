"""Which items the words of a search find."""

from typing import Any

import pytest

from store.models import Collection, Item
from tests.support.search import found


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("BRULEE", ["Crème brûlée dish"]),
        ("елочный", ["Ёлочный шар"]),
        ("ЁЛОЧ", ["Ёлочный шар"]),
        ("strasse", ["Straße poster"]),
        ("ware", []),  # only beginnings of words
        ("stone", ["Red mug", "Blue mug"]),
        ("mug", ["Red mug", "Blue mug", "Crème brûlée dish"]),  # names first
        ("mug stoneware", ["Red mug", "Blue mug"]),
        ("blue mug", ["Blue mug", "Red mug"]),
        ("mug glass", []),
        ('"blue" AND -mug*', []),  # and is a word like any other
        ("blue'); DROP TABLE store_item; --", []),
        ("mug:* | !red & (x)", []),
        ("mug\x00", ["Red mug", "Blue mug", "Crème brûlée dish"]),
        ("%", ["Straße poster", "Red mug", "Blue mug", "Ёлочный шар", "Crème brûlée dish"]),
    ],
)
def test_finds_items_with_all_words(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.usefixtures("_ways")
def test_apostrophes_do_not_matter(make_item: Any) -> None:
    names = ["O'Neil's mug", "O’Neil", "ONeil cup", "Don’t panic"]
    for name in names:
        make_item(name=name)
    men = Collection.objects.create(name="Men’s things", slug="men")
    men.items.add(make_item(name="Razor"))
    for text in ("oneil", "o'neil", "O’NEIL"):
        assert found(text) == ["ONeil cup", "O’Neil", "O'Neil's mug"], text
    assert found("o neil") == found("neil") == ["O’Neil", "O'Neil's mug"]
    assert found("oneil's") == found("oneils mug") == ["O'Neil's mug"]
    for text in ("don't", "dont", "don t", "don"):
        assert found(text) == ["Don’t panic"], text
    for text in ("mens", "men's", "men s thing"):
        assert found(text) == ["Razor"], text


@pytest.mark.usefixtures("shop")
def test_the_name_of_a_listed_collection_counts_as_a_word_of_its_items() -> None:
    kitchen = Collection.objects.create(name="Küche & Bad", slug="kitchen")
    kitchen.items.set(Item.objects.filter(name__in=["Red mug", "Ёлочный шар"]))
    assert found("kuche") == ["Red mug", "Ёлочный шар"]
    assert found("kuche mug") == ["Red mug"]
    kitchen.is_listed = False
    kitchen.save()
    assert found("kuche") == []


@pytest.mark.usefixtures("shop")
def test_changes_are_found_at_once() -> None:
    item = Item.objects.get(name="Blue mug")
    item.name = "Green cup"
    item.save(update_fields=["name"])
    assert found("green") == ["Green cup"]
    assert found("blue mug") == ["Red mug"]
    item.delete()
    assert found("green") == []
