"""The template tag quote_item, on the item's page."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from cart.models import ShippingRate, Tax
from store.models import Item
from tests.support.carts import add
from tests.support.shipping import add_rate
from tests.support.shop_row import edit_shop


def test_shows_the_taxes_and_the_total(client: Client, item: Item) -> None:
    assert "You pay $" not in client.get(f"/item/{item.pk}").content.decode()
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    page = client.get(f"/item/{item.pk}").content.decode()
    text = " ".join(strip_tags(page).split())
    assert "VAT 20 %: $4.00. You pay $23.99." in text
    assert ">Pay $23.99</button>" in page


def test_shows_the_shipping_to_the_default_country(client: Client, item: Item) -> None:
    rate = add_rate(490, "DE")
    page = client.get(f"/item/{item.pk}").content.decode()
    text = " ".join(strip_tags(page).split())
    assert "Plus $4.90 shipping to Germany (Parcel, 2–3 working days). You pay $24.89." in text
    assert 'name="seen_amount" value="2489"' in page
    assert 'name="country" value="DE"' in page
    assert "add the item to your cart" not in page
    ShippingRate.objects.update(amount=0, countries=["DE", "FR"], delivery_time="")
    text = " ".join(client.get(f"/item/{item.pk}").content.decode().split())
    assert f"Free shipping to Germany ({rate}). For another country or way of shipping" in text


@pytest.mark.parametrize("is_closed", [True, False])
def test_an_item_that_cant_be_bought_has_no_total(
    client: Client, make_item: Any, is_closed: bool
) -> None:
    add_rate(490, "DE")
    edit_shop(is_closed=is_closed)
    page = client.get(f"/item/{make_item(stock=9 if is_closed else 0).pk}").text
    assert "You pay $" not in page
    assert "shipping to Germany" not in page


def test_a_visitors_own_country_is_shown_on_the_item(client: Client, item: Item) -> None:
    add_rate(490, "DE", "FR")
    add(client, item)
    client.post("/order/shipping", {"currency": "USD", "country": "FR"})
    assert "shipping to France" in client.get(f"/item/{item.pk}").content.decode()


def test_digital_items_say_nothing_of_shipping(client: Client, make_item: Any) -> None:
    add_rate(490, "DE")
    page = client.get(f"/item/{make_item(needs_shipping=False).pk}").content.decode()
    assert "hipping" not in page
