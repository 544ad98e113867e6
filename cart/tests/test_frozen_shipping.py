"""What checkout freezes of the shipping, and what copies and merges keep."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone, translation

from cart.copies import merge_into_cart, supersede
from cart.freezing import (
    MAX_LINES,
    FrozenOrder,
    TooManyLines,
)
from cart.holds import release
from cart.item_quote import is_current, quote_item
from cart.models import Discount, LineTax, Order, ShippingRate, State, Tax
from store.models import Item
from tests.support.carts import add_tax
from tests.support.shipping import (
    CAUSE,
    add_rate,
    cart_of,
    chosen,
    freeze,
    freeze_one,
    quote,
)


def test_freezing_copies_the_shipping_and_its_shares(make_item: Any) -> None:
    rate = add_rate(490, "DE")
    tax = add_tax()
    ten = Discount.objects.create(code="TEN", percent=Decimal(10))
    items = [make_item(price=10), make_item(price=20)]
    with translation.override("ru"):
        order = freeze(cart_of(*items, discount=ten)).order
    before = quote(order)
    ShippingRate.objects.update(name="Other", amount=1, countries=["FR"])
    Tax.objects.all().delete()
    order = Order.objects.get()
    assert order.language == "ru"
    assert order.frozen_shipping == ("DE", "Parcel", "2–3 working days", 490)
    assert (order.needs_shipping, order.has_shipping, order.shipping_rate) == (True, True, rate)
    assert (order.discount_amount, order.shipping_discount_amount) == (300, 44)
    assert [line.discount_amount for line in order.lines.all()] == [85, 171]
    frozen_tax = order.taxes.get()
    assert (str(frozen_tax), frozen_tax.amount, frozen_tax.shipping_amount) == (str(tax), 638, 89)
    assert [each.amount for each in LineTax.objects.all()] == [183, 366]
    assert order.total_amount == 3828
    after = quote(order)
    assert (after.totals.shipping, after.totals.total) == (490, 3828)
    assert after.shipping is not None
    assert after.shipping.countries == ["DE", "FR"]
    assert after.fingerprint == before.fingerprint


def test_the_fingerprint_stays_the_same_from_the_cart_to_checkout_and_back(item: Item) -> None:
    add_rate(490, "DE")
    order = cart_of(item)
    seen = quote(order).fingerprint
    order = freeze(order, seen).order
    assert quote(order).fingerprint == seen
    release(order, at=timezone.now(), cause=CAUSE)
    freeze(Order.objects.get(), seen)


def test_an_order_without_shipping_freezes_none(make_item: Any) -> None:
    digital = freeze(cart_of(make_item(needs_shipping=False), **chosen("DE"))).order
    assert (digital.needs_shipping, digital.has_shipping, digital.language) == (False, False, "en")
    without_rates = freeze(cart_of(make_item(), visitor="w")).order
    assert (without_rates.needs_shipping, without_rates.has_shipping) == (True, False)


def test_one_click_freezes_the_shipping_of_the_page(item: Item) -> None:
    add_rate(490, "DE")
    shown = quote_item(item, "v")
    order = freeze_one(item)
    assert order.total_amount == shown.totals.total == 1999 + 490
    assert shown.shipping is not None
    assert order.frozen_shipping == shown.shipping.shown


@pytest.mark.parametrize(
    "change",
    [
        lambda: ShippingRate.objects.update(amount=500),
        lambda: ShippingRate.objects.update(is_active=False),
        lambda: Tax.objects.update(percentage=Decimal(21)),
        lambda: Item.objects.update(needs_shipping=False),
        lambda: Item.objects.update(price=Decimal(30)),
        lambda: cart_of(**chosen("FR")),
    ],
)
def test_a_one_click_order_is_current_until_it_would_cost_something_else(
    item: Item, change: Any
) -> None:
    add_rate(490, "DE", "FR")
    add_tax()
    order = freeze_one(item)
    assert is_current(order, quote_item(item, "v"))
    change()
    item.refresh_from_db()
    assert not is_current(order, quote_item(item, "v"))


def test_shipping_is_a_line_of_the_session(make_item: Any) -> None:
    items = [make_item(name=str(number)) for number in range(MAX_LINES)]
    order = cart_of(*items)
    add_rate(490, "DE")
    with pytest.raises(TooManyLines):
        freeze(order)
    order.lines.first().delete()  # type: ignore[union-attr]
    freeze(order)


def test_stripes_figures_are_spread_over_lines_and_shipping(make_item: Any) -> None:
    add_rate(490, "DE")
    add_tax()
    ten = Discount.objects.create(code="TEN", percent=Decimal(10))
    frozen = freeze(cart_of(make_item(price=10), make_item(price=20), discount=ten))
    frozen.take_figures(discount=301, taxes=[639], total=3828)
    read = FrozenOrder.read(Order.objects.get())
    discounts = [line.discount_amount for line in read.lines]
    assert [*discounts, read.order.shipping_discount_amount] == [86, 172, 43]
    (tax,) = read.taxes
    assert sum(each.amount for each in LineTax.objects.all()) + tax.shipping_amount == 639
    assert tax.shipping_amount in (89, 90)


@pytest.mark.parametrize("is_chosen", [False, True])
def test_release_clears_what_was_copied_and_keeps_the_choice(item: Item, is_chosen: bool) -> None:
    rate = add_rate(490, "DE", "FR")
    choice = chosen("FR", rate) if is_chosen else {}
    order = freeze(cart_of(item, **choice)).order
    assert (order.shipping_country, order.shipping_rate) == ("FR" if is_chosen else "DE", rate)
    release(order, at=timezone.now(), cause=CAUSE)
    order = Order.objects.get()
    expected = ("FR", rate.pk) if is_chosen else ("", None)
    assert (order.chosen_country, order.chosen_rate) == expected
    assert (order.shipping_country, order.shipping_rate) == ("", None)
    assert (order.shipping_rate_name, order.shipping_delivery_time) == ("", "")
    assert (order.shipping_amount, order.shipping_discount_amount) == (0, 0)
    assert not order.needs_shipping


def test_a_copy_keeps_country_and_rate(item: Item) -> None:
    express = add_rate(900, "FR", name="Express")
    order = freeze(cart_of(item, **chosen("FR", express))).order
    copy = supersede(order, at=timezone.now())
    assert (copy.chosen_country, copy.chosen_rate) == ("FR", express.pk)
    assert not copy.has_shipping


@pytest.mark.parametrize("in_cart", ["", "DE"])
def test_a_merge_keeps_the_choice_of_the_cart(in_cart: str, item: Item) -> None:
    express = add_rate(900, "FR", "DE", name="Express")
    failed = cart_of(item, **chosen("FR", express), state=State.PROCESSING)
    cart = cart_of(chosen_country=in_cart)
    merge_into_cart(failed, at=timezone.now() + timedelta(hours=1))
    cart.refresh_from_db()
    expected = ("DE", None) if in_cart else ("FR", express.pk)
    assert (cart.chosen_country, cart.chosen_rate) == expected
