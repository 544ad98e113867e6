"""The template tag quote_item, on the item's page."""

from decimal import Decimal

from django.test import Client

from cart.models import Tax
from store.models import Item


def test_shows_the_taxes_and_the_total(client: Client, item: Item) -> None:
    assert "You pay $" not in client.get(f"/item/{item.pk}").content.decode()
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    page = client.get(f"/item/{item.pk}").content.decode()
    text = " ".join(page.split())
    assert "VAT 20 %: $4.00. You pay $23.99." in text
    assert ">Pay $23.99</button>" in page
