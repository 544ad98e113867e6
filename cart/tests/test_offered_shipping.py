"""The countries and rates that a cart and one-click Buy offer, and changes that buyers must see."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.copies import supersede
from cart.freezing import (
    OrderChanged,
)
from cart.holds import release
from cart.item_quote import quote_item
from cart.models import Discount, Order, ShippingRate
from store.countries import SHIPPING_COUNTRIES
from store.models import Item, Shop
from tests.support.carts import add_tax
from tests.support.shipping import (
    CAUSE,
    add_rate,
    cart_of,
    chosen,
    freeze,
    freeze_one,
    quote,
    shipping_of,
)
from tests.support.shop_row import edit_shop


def test_a_rate_that_names_the_country_is_preferred_to_those_to_everywhere_else(item: Item) -> None:
    add_rate(490, "DE", "AT")
    add_rate(1900, name="International parcel")
    order = cart_of(item)
    for country, amounts in (("DE", [490]), ("AT", [490]), ("FR", [1900])):
        order.chosen_country = country
        shipping = shipping_of(order)
        assert (shipping.country, [each.amount for each in shipping.rates]) == (country, amounts)
    assert set(shipping.countries) == SHIPPING_COUNTRIES


def test_the_rates_come_in_the_order_that_the_merchant_gave(item: Item) -> None:
    add_rate(1200, "DE", name="Express", position=2)
    add_rate(490, "DE", "FR", position=1)
    add_rate(100, "DE", name="Old", is_active=False)
    add_rate(100, "DE", name="In euros", currency="EUR")
    shipping = shipping_of(cart_of(item))
    assert [each.rate.name for each in shipping.rates] == ["Parcel", "Express"]
    assert (shipping.rate_name, shipping.amount) == ("Parcel", 490)
    assert shipping.countries == ["DE", "FR"]


def test_countries_in_which_stripe_collects_no_addresses_are_not_served(item: Item) -> None:
    add_rate(490, "KP")
    assert quote(cart_of(item)).shipping is None
    add_rate(490)
    assert "KP" not in shipping_of(cart_of(item, visitor="w", chosen_country="KP")).countries


def test_the_default_country(item: Item) -> None:
    add_rate(490)
    assert shipping_of(cart_of(item)).country == "US"  # that of the currency
    add_rate(490, "FR", "DE")
    assert shipping_of(cart_of(item, visitor="w")).country == "FR"  # the first that is named
    edit_shop(country="AT")
    assert shipping_of(cart_of(item, visitor="x")).country == "AT"
    edit_shop(country="KP")
    assert shipping_of(cart_of(item, visitor="y")).country == "FR"


def test_there_is_a_default_country_where_nothing_names_one(make_item: Any) -> None:
    add_rate(490, currency="EUR")  # no country has the code EU
    order = cart_of(make_item(currency="EUR"), currency="EUR")
    assert shipping_of(order).country in SHIPPING_COUNTRIES


def test_a_choice_in_another_cart_of_the_visitor_is_the_default(make_item: Any) -> None:
    add_rate(490, "DE", "FR")
    add_rate(550, "DE", "FR", currency="EUR")
    cart_of(make_item(), **chosen("FR"))
    cart_of(make_item(), visitor="", **chosen("DE"))
    euros = make_item(currency="EUR")
    assert shipping_of(cart_of(euros, currency="EUR")).country == "FR"
    assert freeze_one(euros).shipping_country == "FR"
    assert freeze_one(make_item(), visitor="").shipping_country == "DE"


def test_a_default_that_was_frozen_is_no_choice(make_item: Any) -> None:
    """Neither while its order is in checkout, nor after it was paid, copied or released."""
    add_rate(490, "JP", currency="JPY")
    add_rate(490, "DE")
    add_rate(1490, name="International parcel")
    yen = freeze(cart_of(make_item(currency="JPY", price=500), currency="JPY")).order
    assert yen.shipping_country == "JP"
    dollars = cart_of(make_item())
    assert shipping_of(dollars).country == "DE"
    assert freeze_one(make_item()).shipping_country == "DE"
    supersede(Order.objects.get(pk=yen.pk), at=timezone.now())
    assert shipping_of(dollars).country == "DE"
    release(freeze(Order.objects.get(copied_from=yen)).order, at=timezone.now(), cause=CAUSE)
    assert shipping_of(dollars).country == "DE"


def test_the_last_choice_counts_whatever_happens_to_older_orders(make_item: Any) -> None:
    add_rate(490, "DE", "FR", "AT")
    add_rate(550, "DE", "FR", "AT", currency="EUR")
    old = cart_of(make_item(), **chosen("FR"), superseded_at=timezone.now())
    cart_of(make_item(), **chosen("AT"))
    old.save()  # as at its end, long after the choice in its copy
    assert shipping_of(cart_of(make_item(currency="EUR"), currency="EUR")).country == "AT"


def test_digital_items_and_shops_without_rates_have_no_shipping(make_item: Any) -> None:
    assert quote(cart_of(make_item())).shipping is None
    add_rate()
    digital = make_item(needs_shipping=False)
    assert quote(cart_of(digital, visitor="w")).shipping is None
    assert shipping_of(cart_of(digital, make_item(), visitor="x")).amount == 490
    sold_out = make_item(stock=0)
    assert quote(cart_of(digital, sold_out, visitor="y")).shipping is None


def test_shipping_takes_one_statement_and_digital_items_none(make_item: Any) -> None:
    add_rate(490, "DE")
    items = [make_item(needs_shipping=needs_shipping) for needs_shipping in (True, False)]
    # The other one is for the taxes.
    assert [statements_of_quote(item) for item in items] == [2, 1]
    add_rate(490, "FR")  # another one looks for the country that the visitor chose last
    assert [statements_of_quote(item) for item in items] == [3, 1]
    assert statements_of_quote(items[0], visitor="") == 2


def statements_of_quote(item: Item, visitor: str = "v") -> int:
    Shop.current()  # each process has read it some seconds ago
    with CaptureQueriesContext(connection) as queries:
        quote_item(item, visitor)
    return len(queries)


def test_the_quote_has_shipping_in_its_totals(item: Item) -> None:
    add_rate(490, "DE")
    add_tax()
    totals = quote(cart_of(item)).totals
    assert (totals.subtotal, totals.shipping, totals.taxes, totals.total) == (
        *(1999, 490),
        *((400 + 98,), 2987),
    )


def test_each_rate_says_what_it_costs_after_the_discount(item: Item) -> None:
    add_rate(490, "DE", free_from_amount=1000)
    add_rate(900, "DE", name="Express")
    half = Discount.objects.create(code="HALF", percent=Decimal(50))
    order = cart_of(item)
    assert [each.amount for each in shipping_of(order).rates] == [0, 900]
    order.discount = half
    assert [each.amount for each in shipping_of(order).rates] == [490, 900]


def test_a_country_that_is_not_served_any_more_is_shown_as_a_change(item: Item) -> None:
    rate = add_rate(490, "DE", "FR")
    order = cart_of(item, **chosen("FR", rate))
    assert not quote(order).has_changes
    ShippingRate.objects.update(countries=["DE"])
    changed = quote(order)
    assert changed.has_changes
    assert changed.shipping is not None
    assert changed.shipping.country == "DE"
    assert changed.shipping.change == "The shop doesn’t ship to France any more."
    with pytest.raises(OrderChanged):
        freeze(order)
    assert freeze(order, changed.fingerprint).order.shipping_country == "DE"


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_rate_that_is_not_offered_any_more_is_shown_as_a_change(
    item: Item, is_deleted: bool
) -> None:
    express = add_rate(900, "DE", name="Express")
    add_rate(490, "DE")
    order = cart_of(item, **chosen("DE", express))
    assert (shipping_of(order).rate_name, shipping_of(order).change) == ("Express", "")
    remove(express, is_deleted)
    shipping = shipping_of(Order.objects.get())
    assert (shipping.rate_name, shipping.amount) == ("Parcel", 490)
    assert shipping.change == "The way of shipping that you chose isn’t offered any more."
    with pytest.raises(OrderChanged):
        freeze(order)


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_copy_says_that_the_rate_is_not_offered_any_more(item: Item, is_deleted: bool) -> None:
    express = add_rate(900, "DE", name="Express")
    add_rate(490, "DE")
    freeze(cart_of(item, **chosen("DE", express)))
    remove(express, is_deleted)
    copy = supersede(Order.objects.get(), at=timezone.now())
    message = "The way of shipping that you chose isn’t offered any more."
    assert shipping_of(Order.objects.get(pk=copy.pk)).change == message


def remove(rate: ShippingRate, is_deleted: bool) -> None:
    """As staff delete a rate, or switch it off."""
    if is_deleted:
        rate.delete()
    else:
        ShippingRate.objects.filter(pk=rate.pk).update(is_active=False)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 500},
        {"name": "Letter"},
        {"delivery_time": "3 weeks"},
        {"countries": ["FR"]},
        {"is_active": False},
        {"free_from_amount": 1999},
    ],
)
def test_buying_is_refused_until_the_buyer_has_seen_other_shipping(
    item: Item, change: dict[str, Any]
) -> None:
    add_rate(490, "DE")
    order = cart_of(item)
    seen = quote(order).fingerprint
    ShippingRate.objects.update(**change)
    with pytest.raises(OrderChanged):
        freeze(order, seen)
    freeze(order, quote(order).fingerprint)
