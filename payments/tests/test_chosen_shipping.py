"""A country or rate that was chosen, but not sent before Buy was pressed, as without scripts."""

import pytest
from django.test import Client

from cart.models import Order
from store.models import Item
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.shipping import add_rate


@pytest.fixture
def shown(client: Client, item: Item) -> dict[str, str]:
    """What the cart's page sends with Buy if nothing was chosen in it."""
    parcel = add_rate(490, "DE", "FR")
    add_rate(900, "DE", name="Express")
    add(client, item)
    rate = str(parcel.pk)
    return {
        "currency": "USD",
        "shown_country": "DE",
        "country": "DE",
        "shown_rate": rate,
        "shipping_rate": rate,
    }


def test_the_choice_is_stored_and_its_total_shown_first(
    client: Client, shown: dict[str, str], local_stripe: LocalStripe
) -> None:
    refused = client.post("/order/buy", shown | {"country": "FR"})
    assert refused.status_code == 409
    assert "Shipping to France: $4.90. The total is now $24.89. Check it, then pay." in refused.text
    assert Order.objects.get().chosen_country == "FR"
    shown |= {"shown_country": "FR", "country": "FR"}
    assert client.post("/order/buy", shown).status_code == 303
    assert Order.objects.get().shipping_country == "FR"


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"country": "JP"}, "The shop doesn’t ship to this country. Choose another one."),
        ({"country": ""}, "Choose a country."),
        ({"shipping_rate": "99"}, "This way of shipping isn’t offered any more."),
    ],
)
def test_a_choice_that_cannot_be_is_refused(
    client: Client, shown: dict[str, str], choice: dict[str, str], sentence: str
) -> None:
    refused = client.post("/order/buy", shown | choice)
    assert refused.status_code == 422
    assert sentence in refused.text


def test_nothing_chosen_stops_nobody(
    client: Client, shown: dict[str, str], local_stripe: LocalStripe
) -> None:
    assert client.post("/order/buy", shown).status_code == 303
