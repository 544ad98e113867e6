"""What check_setup says about the things that a merchant enters in the admin."""

from typing import Any

import pytest
from django.test import Client

from cart.models import ShippingRate
from notifications.models import Mail
from project.readiness import findings, shop
from project.readiness.finding import Finding
from store.models import Item, Page, Shop
from tests.support.mails import paid_order

pytestmark = pytest.mark.django_db
FORM = "/admin/store/shop/1/change/"
RATES = "/admin/cart/shippingrate/"
SHOP_FIELDS = {
    "email": ("The shop has no contact e-mail: enter one in the admin.", "Buyers can write to"),
    "postal_address": ("The shop has no postal address: enter it in the admin.", "The shop has a"),
    "country": ("The shop has no country: enter it in the admin.", "The shop’s country is DE."),
}


def test_the_name_of_the_software_is_no_name() -> None:
    assert shop.name() == Finding(False, "The shop has no name: enter one in the admin.", FORM)
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
    assert [each for each in shop.contact() if not each.is_fine] == [Finding(False, missing, FORM)]


def test_each_sample_page_is_named() -> None:
    keys = dict[str, int]()
    for slug, is_sample in (("About", True), ("Terms", True), ("Privacy", False)):
        keys[slug] = Page.objects.create(slug=slug, title=slug, text="…", is_sample=is_sample).pk
    text = "The page “%s” has a sample text: write your own in the admin."
    assert list(shop.pages()) == [
        Finding(False, text % title, f"/admin/store/page/{keys[title]}/change/")
        for title in ("About", "Terms")
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
        Finding(False, text % "EUR", RATES),
        Finding(False, text % "USD", RATES),
    ]
    ShippingRate.objects.create(name="Parcel", currency="USD", amount=490)
    assert list(shop.shipping_rates()) == [Finding(False, text % "EUR", RATES)]
    ShippingRate.objects.update(is_active=True)
    fine = Finding(True, "Items that need shipping have a shipping rate.")
    assert list(shop.shipping_rates()) == [fine]


def test_each_currency_is_judged_by_its_newest_items(
    make_item: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop, "NEWEST", 2)
    make_item(currency="USD")
    make_item(currency="EUR")
    for currency in ("USD", "USD", "EUR"):
        make_item(currency=currency, needs_shipping=False)
    (finding,) = shop.shipping_rates()
    assert "Items in EUR need shipping" in finding.message


def test_what_is_missing_leads_to_its_place(admin_client: Client, item: Item) -> None:
    """Nothing links to the settings of the server."""
    Mail.objects.create(order=paid_order(item), reason="new_order", state="failed")
    Item.objects.update(is_listed=False)
    found = {each.message: each.address for each in findings(asks_stripe=False)}
    expected = {
        "There are no pages: add": "store/page/add/",
        "No item is listed": "store/item/",
        "1 mail could not be sent": "notifications/mail/?state__exact=failed",
    }
    for begin, address in expected.items():
        (message,) = (each for each in found if each.startswith(begin))
        assert found[message] == f"/admin/{address}"
    assert found["No mail is sent: set EMAIL_URL."] == ""
    assert all(admin_client.get(each).status_code == 200 for each in found.values() if each)


def test_a_closed_shop_sells_nothing() -> None:
    assert shop.is_open() == Finding(True, "The shop is open.")
    Shop.objects.create(is_closed=True)
    assert shop.is_open() == Finding(
        False, "The shop is closed: open it in the admin to sell.", FORM
    )
