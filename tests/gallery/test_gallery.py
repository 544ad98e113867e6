"""Pictures of every page in every state: `make gallery` writes them into docs/design/."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from tests.support.pages import assert_accessible
from tests.support.screens import assert_fits, assert_nothing_is_cut_off
from tests.support.sheets import take_pictures, write_sheet
from tests.support.shops import Shop
from tests.support.states import SLOW_STATES, STATES
from tests.support.visit import Visit

pytestmark = pytest.mark.usefixtures("discounts_and_taxes")
# axe is a script of the page.
OPTIONS = {"bypass_csp": True, "reduced_motion": "reduce"}
LOCALES = {"en": "en-US", "ru": "ru-RU"}


@pytest.mark.parametrize("open_state", STATES + SLOW_STATES, ids=lambda each: each.__name__)
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
