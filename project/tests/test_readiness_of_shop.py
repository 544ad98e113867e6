"""What check_setup says about the things that a merchant enters in the admin."""

from typing import Any

import pytest

from cart.models import ShippingRate
from project.readiness import shop
from project.readiness.finding import Finding
from store.models import Page, Shop

pytestmark = pytest.mark.django_db
SHOP_FIELDS = {
    "email": ("The shop has no contact e-mail: enter one in the admin.", "Buyers can write to"),
    "postal_address": ("The shop has no postal address: enter it in the admin.", "The shop has a"),
    "country": ("The shop has no country: enter it in the admin.", "The shop’s country is DE."),
}


def test_the_name_of_the_software_is_no_name() -> None:
    assert shop.name() == Finding(False, "The shop has no name: enter one in the admin.")
    Shop.objects.create(name="Elm Street Pottery")
    assert shop.name() == Finding(True, "The shop’s name is Elm Street Pottery.")


@pytest.mark.parametrize("field", SHOP_FIELDS)
def test_each_missing_field_of_the_shop_is_named(field: str) -> None:
    values = {"email": "hello@shop.example", "postal_address": "Elm Street 1", "country": "DE"}
    missing, fine = SHOP_FIELDS[field]
    saved = Shop.objects.create(**values)
    found = list(shop.contact())
    assert all(each.is_fine for each in found)
    assert [each for each in found if each.message.startswith(fine)]
    setattr(saved, field, "")
    saved.save()
    assert [each.message for each in shop.contact() if not each.is_fine] == [missing]


def test_each_sample_page_is_named() -> None:
    for slug, is_sample in (("about", True), ("terms", True), ("privacy", False)):
        Page.objects.create(slug=slug, title=slug.title(), text="…", is_sample=is_sample)
    assert list(shop.pages()) == [
        Finding(False, "The page “About” has a sample text: write your own in the admin."),
        Finding(False, "The page “Terms” has a sample text: write your own in the admin."),
    ]
    Page.objects.update(is_sample=False)
    assert list(shop.pages()) == [Finding(True, "The pages have your own texts.")]


def test_items_that_need_shipping_need_a_rate_in_their_currency(make_item: Any) -> None:
    text = "Items in %s need shipping, but no shipping rate is active: add one in the admin."
    make_item(needs_shipping=False)
    make_item(currency="GBP", is_listed=False)
    assert list(shop.shipping_rates()) == [Finding(True, "No item needs shipping.")]
    for currency in ("USD", "USD", "EUR"):
        make_item(currency=currency)
    ShippingRate.objects.create(name="Parcel", currency="EUR", amount=490, is_active=False)
    assert list(shop.shipping_rates()) == [
        Finding(False, text % "EUR"),
        Finding(False, text % "USD"),
    ]
    ShippingRate.objects.create(name="Parcel", currency="USD", amount=490)
    assert list(shop.shipping_rates()) == [Finding(False, text % "EUR")]
    ShippingRate.objects.update(is_active=True)
    fine = Finding(True, "Items that need shipping have a shipping rate.")
    assert list(shop.shipping_rates()) == [fine]


def test_a_closed_shop_sells_nothing() -> None:
    assert shop.is_open() == Finding(True, "The shop is open.")
    Shop.objects.create(is_closed=True)
    assert shop.is_open() == Finding(False, "The shop is closed: open it in the admin to sell.")
