"""Buy and "Pay here" for one item, when its page said another price than it has now."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from cart.models import Order
from payments.models import Payment
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add_tax
from tests.support.local_stripe import LocalStripe
from tests.support.shipping import add_rate


def press(client: Client, item: Item, way: str, **seen: Any) -> Any:
    if way == "intent":
        return client.post(f"/buy/{item.pk}/intent", seen)
    return client.get(f"/buy/{item.pk}", seen)


@pytest.mark.parametrize("way", ["checkout", "intent"])
def test_another_price_than_the_page_said_is_refused_and_the_next_press_goes_on(
    client: Client, item: Item, local_stripe: LocalStripe, way: str
) -> None:
    add_tax("20")
    Item.objects.update(price=Decimal(25))
    answer = press(client, item, way, seen_amount=2399, currency="USD")
    assert error_of(answer, 409) == "price_changed"
    message = answer.json()["error"]["message"]
    assert message == ("The price has changed: it is $30.00 now. Check it, then pay.")
    assert not Order.objects.exists()
    assert press(client, item, way, seen_amount=3000, currency="USD").status_code == 200


@pytest.mark.parametrize("way", ["checkout", "intent"])
def test_an_open_attempt_is_not_resumed_at_another_price_than_the_page_said(
    client: Client, item: Item, local_stripe: LocalStripe, way: str
) -> None:
    assert press(client, item, way).status_code == 200
    assert error_of(press(client, item, way, seen_amount=1500), 409) == "price_changed"
    assert press(client, item, way, seen_amount=1999).status_code == 200
    assert Payment.objects.count() == 1


def test_another_country_than_the_page_said_is_refused(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    """The visitor chose it meanwhile in another tab; shipping costs the same."""
    add_rate(0, "FR", "DE")
    answer = press(client, item, "checkout", seen_amount=1999, currency="USD", country="DE")
    assert error_of(answer, 409) == "price_changed"


def test_another_currency_than_the_page_said_is_refused(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    Item.objects.update(currency="EUR")
    answer = press(client, item, "checkout", seen_amount=1999, currency="USD")
    assert error_of(answer, 409) == "price_changed"
    assert "it is €19.99 now" in answer.json()["error"]["message"]


@pytest.mark.parametrize("amount", ["abc", "-1", "1.5", "9" * 5000])
def test_an_amount_that_is_no_number_is_422(
    client: Client, item: Item, local_stripe: LocalStripe, amount: str
) -> None:
    answer = press(client, item, "checkout", seen_amount=amount)
    assert error_of(answer, 422) == "wrong_seen_amount"
    assert not Order.objects.exists()


def test_the_form_shows_the_item_with_its_new_price(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    Item.objects.update(price=Decimal(25))
    answer = client.post(f"/buy/{item.pk}", {"seen_amount": 1999, "currency": "USD"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The price has changed: it is $25.00 now." in page
    assert 'name="seen_amount" value="2500"' in page
    assert client.post(f"/buy/{item.pk}", {"seen_amount": 2500}).status_code == 303


def test_a_price_that_the_tax_lifts_above_stripes_maximum_is_422(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    add_tax("20")
    answer = client.get(f"/buy/{make_item(price=Decimal(900000)).pk}")
    assert error_of(answer, 422) == "amount_too_high"
    assert not Order.objects.exists()
