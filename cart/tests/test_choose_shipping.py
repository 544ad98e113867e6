from typing import Any

import pytest
from django.test import Client

from cart.models import Order, ShippingRate, State
from store.models import Item
from tests.support.carts import HTMX, add
from tests.support.shipping import add_rate


def choose(client: Client, country: str, htmx: bool = False, **fields: Any) -> Any:
    form = {"currency": "USD", "country": country} | fields
    return client.post("/order/shipping", form, headers=HTMX if htmx else {})


def page_of(client: Client) -> str:
    return " ".join(client.get("/order").content.decode().split())


@pytest.fixture
def rates(db: None) -> list[ShippingRate]:
    return [
        add_rate(490, "DE", "FR"),
        add_rate(900, "DE", name="Express", delivery_time=""),
        add_rate(1900, name="International parcel"),
    ]


def test_the_cart_shows_countries_rates_and_what_shipping_costs(
    client: Client, item: Item, rates: list[ShippingRate]
) -> None:
    add(client, item)
    page = page_of(client)
    assert '<option value="DE" selected>Germany</option>' in page
    assert '<option value="AU">Australia</option>' in page
    assert f'value="{rates[0].pk}" checked> <span> Parcel, 2–3 working days: $4.90' in page
    assert f'value="{rates[1].pk}"> <span> Express: $9.00' in page
    assert "International" not in page
    assert "Shipping to Germany" in page
    assert 'data-amount="490" id="shipping-USD"> $4.90' in page
    assert 'data-amount="2489" id="total-USD"' in page


@pytest.mark.usefixtures("rates")
def test_countries_have_their_names_in_the_language_of_the_page(client: Client, item: Item) -> None:
    add(client, item)
    for language, name in (("en", "Germany"), ("ru", "Германия"), ("en", "Germany")):
        page = client.get("/order", headers={"Accept-Language": language}).content.decode()
        assert f'<option value="DE" selected>{name}</option>' in page


def test_one_country_and_one_rate_leave_nothing_to_choose(client: Client, item: Item) -> None:
    add_rate(0, "DE")
    add(client, item)
    page = page_of(client)
    assert "/order/shipping" not in page
    assert 'data-amount="0" id="shipping-USD"> free' in page


def test_a_cart_without_shipping_does_not_mention_it(client: Client, item: Item) -> None:
    add(client, item)
    assert "hipping" not in page_of(client)


def test_chooses_country_and_rate(client: Client, item: Item, rates: list[ShippingRate]) -> None:
    add(client, item)
    answer = choose(client, "DE", shipping_rate=rates[1].pk)
    assert (answer.status_code, answer["Location"]) == (303, "/order")
    order = Order.objects.get()
    assert (order.chosen_country, order.chosen_rate) == ("DE", rates[1].pk)
    assert 'data-amount="900" id="shipping-USD"' in page_of(client)


def test_another_country_takes_a_rate_that_goes_there(
    client: Client, item: Item, rates: list[ShippingRate]
) -> None:
    """Without JavaScript the form still sends the rate of the country before."""
    add(client, item)
    choose(client, "DE", shipping_rate=rates[1].pk)
    assert choose(client, "AU", shipping_rate=rates[1].pk).status_code == 303
    order = Order.objects.get()
    assert (order.chosen_country, order.chosen_rate) == ("AU", None)
    assert "International parcel" in page_of(client)


def test_htmx_gets_the_cart_and_an_announcement(
    client: Client, item: Item, rates: list[ShippingRate]
) -> None:
    add(client, item)
    answer = choose(client, "AU", htmx=True)
    fragment = answer.content.decode()
    assert (answer.status_code, answer["X-Fragment"]) == (200, "true")
    assert "Shipping to Australia: $19.00. The total is now $38.99." in fragment
    ShippingRate.objects.update(amount=0)
    assert "Shipping to Australia: free." in choose(client, "AU", htmx=True).content.decode()


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("country", "rate", "message"),
    [
        ("KP", "", "The shop doesn’t ship to this country. Choose another one."),
        ("xx", "", "The shop doesn’t ship to this country. Choose another one."),
        ("", "", "Choose a country."),
        ("DE", 10**30, "This way of shipping isn’t offered any more. Choose another one."),
        ("DE", "x", "Enter a whole number."),
    ],
)
def test_what_is_not_offered_is_422_with_a_message_in_place(
    client: Client,
    item: Item,
    rates: list[ShippingRate],
    *,
    country: str,
    rate: Any,
    message: str,
    htmx: bool,
) -> None:
    add(client, item)
    answer = choose(client, country, htmx, shipping_rate=rate)
    assert answer.status_code == 422
    page = " ".join(answer.content.decode().split())
    assert f'id="shipping-error-USD" data-message >{message}</p>' in page
    order = Order.objects.get()
    assert (order.chosen_country, order.chosen_rate) == ("", None)


def test_a_message_is_shown_where_there_is_nothing_to_choose_any_more(
    client: Client, item: Item, rates: list[ShippingRate]
) -> None:
    add(client, item)
    ShippingRate.objects.update(is_active=False)
    answer = choose(client, "DE")
    assert answer.status_code == 422
    assert "The shop doesn’t ship to this country." in answer.content.decode()


def test_a_digital_cart_stays_without_shipping(
    client: Client, make_item: Any, rates: list[ShippingRate]
) -> None:
    add(client, make_item(needs_shipping=False))
    assert choose(client, "DE", htmx=True).status_code == 200
    assert "Shipping to" not in page_of(client)


def test_a_visitor_without_such_a_cart_is_404(
    client: Client, item: Item, rates: list[ShippingRate]
) -> None:
    assert choose(client, "DE").status_code == 404
    add(client, item)
    assert choose(client, "DE", currency="EUR").status_code == 404
    assert Order.objects.get().chosen_country == ""


def test_choosing_during_checkout_makes_a_copy(
    client: Client, item: Item, rates: list[ShippingRate]
) -> None:
    add(client, item)
    Order.objects.update(
        state=State.CHECKOUT,
        shipping_country="DE",
        shipping_rate_name="Parcel",
        shipping_amount=490,
    )
    assert "Shipping to Germany" in page_of(client)
    assert choose(client, "AU").status_code == 303
    copy = Order.objects.get(superseded_at=None)
    assert (copy.chosen_country, copy.state) == ("AU", State.CART)
    assert Order.objects.exclude(pk=copy.pk).get().shipping_country == "DE"


def test_a_country_that_is_not_served_any_more_is_named(
    client: Client, item: Item, rates: list[ShippingRate]
) -> None:
    add(client, item)
    choose(client, "AU")
    ShippingRate.objects.filter(countries=[]).delete()
    page = page_of(client)
    assert "The shop doesn’t ship to Australia any more." in page
    assert "Shipping to Germany" in page


def test_too_many_choices_are_429(
    client: Client, item: Item, rates: list[ShippingRate], settings: Any
) -> None:
    add(client, item)
    settings.WRITE_RATE_LIMIT = 1
    assert choose(client, "DE").status_code == 429


def test_get_redirects_to_the_cart(client: Client, db: None) -> None:
    answer = client.get("/order/shipping")
    assert (answer.status_code, answer["Location"]) == (303, "/order")


def test_the_receipt_shows_the_frozen_shipping(client: Client, item: Item) -> None:
    order = Order.objects.create(
        currency="USD",
        state=State.CHECKOUT,
        total_amount=490,
        shipping_country="DE",
        shipping_rate_name="Parcel",
        shipping_delivery_time="2 days",
        shipping_amount=490,
    )
    page = " ".join(client.get(order.get_absolute_url()).content.decode().split())
    assert 'Shipping to Germany <span class="hint"> Parcel, 2 days </span>' in page
    Order.objects.update(shipping_rate_name="")
    assert "Shipping" not in client.get(order.get_absolute_url()).content.decode()
