"""manage.py seed_shipping_rates: add rates for the items of store/sample_catalogue."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from cart.models import ShippingRate
from store.models import Item

# Amounts in minor units. Without countries: everywhere else.
SAMPLES: dict[str, list[dict[str, Any]]] = {
    "USD": [
        {
            "name": "Parcel",
            "countries": ["US"],
            "amount": 490,
            "free_from_amount": 5000,
            "delivery_time": "2–4 working days",
        },
        {"name": "International parcel", "amount": 1490, "delivery_time": "1–2 weeks"},
    ],
    "EUR": [
        {
            "name": "Parcel",
            "countries": ["AT", "BE", "DE", "ES", "FR", "IE", "IT", "NL"],
            "amount": 490,
            "free_from_amount": 5000,
            "delivery_time": "2–4 working days",
        },
        {"name": "International parcel", "amount": 1490, "delivery_time": "1–2 weeks"},
    ],
}


class Command(BaseCommand):
    help = "Adds sample shipping rates in USD and EUR, unless the shop has shipping rates."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if there are items already"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if ShippingRate.objects.exists() or (options["if_empty"] and Item.objects.exists()):
            return
        for currency, rates in SAMPLES.items():
            for position, values in enumerate(rates, start=1):
                ShippingRate.objects.create(currency=currency, position=position, **values)
        self.stdout.write("Sample shipping rates added.")
