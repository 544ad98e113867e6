from django.core.management import call_command
from django.test import Client

from cart.models import ShippingRate
from store.models import Item
from tests.support.shipping import add_rate


def test_adds_a_rate_to_some_countries_and_one_to_everywhere_else(
    client: Client, item: Item
) -> None:
    call_command("seed_shipping_rates")
    call_command("seed_shipping_rates")
    for currency in ("USD", "EUR"):
        named, everywhere = ShippingRate.objects.offered(currency)
        assert named.countries
        assert everywhere.countries == []
    page = " ".join(client.get(f"/item/{item.pk}").content.decode().split())
    assert "Plus $4.90 shipping to United States (Parcel, 2–4 working days)." in page


def test_a_shop_with_shipping_rates_gets_none(db: None) -> None:
    add_rate(490, "DE")
    call_command("seed_shipping_rates")
    assert ShippingRate.objects.count() == 1


def test_if_empty_adds_none_to_a_catalogue_with_items(item: Item) -> None:
    call_command("seed_shipping_rates", "--if-empty")
    assert not ShippingRate.objects.exists()
