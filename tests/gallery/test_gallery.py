"""Pictures of every page in every state: `make gallery` writes them into docs/design/."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from tests.support import http
from tests.support.items import borrow_pictures
from tests.support.pages import assert_accessible
from tests.support.processes import ROOT
from tests.support.screens import assert_fits, assert_nothing_is_cut_off
from tests.support.sheets import take_pictures, write_sheet
from tests.support.shops import Shop
from tests.support.states import OTHER_STATES, STATES
from tests.support.visit import Visit
from tests.support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("discounts_and_taxes", "own_shop")
# axe is a script of the page.
OPTIONS = {"bypass_csp": True, "reduced_motion": "reduce"}
LOCALES = {"en": "en-US", "ru": "ru-RU"}
NAME = "Mill Lane Goods"
OWN_SHOP = f"""
from store.models import Collection, Item, Shop
Shop.objects.update_or_create(pk=1, defaults={{
    "name": "{NAME}",
    "sentence": "Useful things for the kitchen, the desk and the garden, made to last.",
    "email": "hello@mill-lane.example",
    "phone": "+44 20 7946 0123",
    "postal_address": "12 Mill Lane\\nFrome BA11 1AA",
}})
for position, (slug, name, items) in enumerate([
    ("kitchen", "Kitchen", (1, 4, 5, 6, 12, 13, 15, 23, 24)),
    ("desk", "Desk", (2, 8, 9, 10, 11, 18)),
    ("garden", "Garden", (7, 14, 19, 22)),
]):
    values = {{"name": name, "position": position}}
    made, _is_new = Collection.objects.update_or_create(slug=slug, defaults=values)
    made.items.set(Item.objects.filter(pk__in=items))
"""
SAMPLES = json.loads((ROOT / "store/sample_catalogue/items.json").read_text())


@pytest.fixture(scope="module")
def own_shop(shop: Shop) -> None:
    """A shop with a name, a sentence, an address and collections, as a merchant has it."""
    shop.run_python(OWN_SHOP)

    def is_shown() -> bool:
        page = http.get(shop.address).text
        return NAME in page and "Garden" in page

    wait_until(is_shown)  # a process reads the shop every few seconds


@pytest.fixture
def new_item(new_item: Callable[..., int], shop: Shop) -> Callable[..., int]:
    """Makes items with the name and the picture of a sample, unless the test names them."""
    numbers = itertools.count(12)

    def make(**fields: Any) -> int:
        if "name" in fields:
            return new_item(**fields)
        number = next(numbers)
        item = new_item(name=SAMPLES[number - 1]["name"], **fields)
        borrow_pictures(shop, item, of=(number,))
        return item

    return make


@pytest.mark.parametrize("open_state", STATES + OTHER_STATES, ids=lambda each: each.__name__)
def test_state_holds_in_both_languages(
    new_context: Callable[..., Any],
    shop: Shop,
    new_item: Callable[..., int],
    open_state: Callable[[Visit], None],
) -> None:
    pictures = []
    for language, locale in LOCALES.items():
        page = new_context(locale=locale, **OPTIONS).new_page()
        with translation.override(language):
            open_state(Visit(page, shop, new_item))
        pictures.append(take_pictures(page, f"{open_state.__name__}-{language}"))
        assert_accessible(page)
        assert_nothing_is_cut_off(page)
        assert_fits(page, 320)
        assert_fits(page, 360, text_size="200%")
    write_sheet(open_state.__name__, pictures)
