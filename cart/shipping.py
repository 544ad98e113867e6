"""The shipping of an order: which countries and shipping rates its buyer can choose."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from cart.models import Order, ShippingRate, ShownShipping
from cart.pricing import Totals
from store.countries import SHIPPING_COUNTRIES, country_name
from store.models import Shop


class ShippingRefused(Exception):
    """The buyer can't have this country or shipping rate; `message` says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class ShippingOffer:
    """The country and the rate of an order, and what the buyer can choose instead."""

    country: str
    rate: ShippingRate
    countries: Sequence[str]
    rates: Sequence[ShippingRate]  # to this country
    change: str = ""  # why it isn't what the buyer chose


@dataclass(frozen=True)
class PricedRate:
    """A shipping rate and what it costs for one order, in minor units."""

    rate: ShippingRate
    amount: int


@dataclass(frozen=True)
class QuotedShipping:
    """An order's shipping, in minor units, and what the buyer can choose instead."""

    country: str
    rate_id: int | None
    rate_name: str
    delivery_time: str
    amount: int
    countries: Sequence[str]
    rates: Sequence[PricedRate]
    change: str = ""

    @property
    def has_choice(self) -> bool:
        """Whether there is more than one country or rate."""
        return len(self.countries) > 1 or len(self.rates) > 1

    @property
    def shown(self) -> ShownShipping:
        """What the buyer must have seen before paying."""
        return ShownShipping(self.country, self.rate_name, self.delivery_time, self.amount)


def offered_shipping(order: Order) -> ShippingOffer | None:
    """Return what the buyer chose, or the default. None if no rate has the order's currency."""
    rates = ShippingRate.objects.offered(order.currency)
    countries = served_countries(rates)
    if not countries:
        return None
    country = order.chosen_country
    if country not in countries:
        country = _default_country(order, rates, countries)
    to_country = rates_to(country, rates)
    chosen = [rate for rate in to_country if rate.pk == order.chosen_rate]
    change = ""
    if order.chosen_country not in ("", country):
        change = gettext("The shop doesn’t ship to %(country)s any more.") % {
            "country": country_name(order.chosen_country)
        }
    elif order.chosen_rate and not chosen:
        change = gettext("The way of shipping that you chose isn’t offered any more.")
    rate = (chosen or to_country)[0]
    return ShippingOffer(country, rate, countries, to_country, change)


def _default_country(order: Order, rates: Sequence[ShippingRate], countries: Sequence[str]) -> str:
    """The first one that is served: the visitor's last choice, the shop's, the currency's."""
    if len(countries) == 1:
        return countries[0]
    named = [country for rate in rates for country in rate.countries]
    shop = Shop.current().country  # seconds old in another process: Buy may answer PriceChanged
    wanted: list[str] = [*_last_chosen(order.visitor), shop, *named, order.currency[:2], *countries]
    return next(each for each in wanted if each in countries)


def _last_chosen(visitor: str) -> list[str]:
    """The country that the visitor chose last in a cart, if any."""
    if not visitor:
        return []
    chosen = Order.objects.filter(visitor=visitor, buy_key="").exclude(chosen_country="")
    return list(chosen.order_by("-shipping_chosen_at").values_list("chosen_country", flat=True)[:1])


def served_countries(rates: Sequence[ShippingRate]) -> list[str]:
    """The countries to which one of the rates goes, in alphabetical order of their codes."""
    named = {country for rate in rates for country in rate.countries}
    is_everywhere = any(not rate.countries for rate in rates)
    return sorted(SHIPPING_COUNTRIES if is_everywhere else named & SHIPPING_COUNTRIES)


def rates_to(country: str, rates: Sequence[ShippingRate]) -> Sequence[ShippingRate]:
    """The rates that name the country; if none does, those to everywhere else."""
    naming = [rate for rate in rates if country in rate.countries]
    return naming or [rate for rate in rates if not rate.countries]


def quoted_shipping(offer: ShippingOffer, totals: Totals) -> QuotedShipping:
    """The shipping of an order with these totals."""
    return QuotedShipping(
        country=offer.country,
        rate_id=offer.rate.pk,
        rate_name=offer.rate.name,
        delivery_time=offer.rate.delivery_time,
        amount=totals.shipping,
        countries=offer.countries,
        rates=_priced(offer.rates, totals.subtotal - totals.discount),
        change=offer.change,
    )


def frozen_shipping(order: Order) -> QuotedShipping:
    """The shipping that was copied at checkout, with what the buyer can choose now instead."""
    rates = ShippingRate.objects.offered(order.currency)
    country = order.shipping_country
    return QuotedShipping(
        country=country,
        rate_id=order.shipping_rate_id,
        rate_name=order.shipping_rate_name,
        delivery_time=order.shipping_delivery_time,
        amount=order.shipping_amount,
        countries=sorted({country, *served_countries(rates)}),
        rates=_priced(rates_to(country, rates), order.subtotal_amount - order.discount_amount),
    )


def _priced(rates: Sequence[ShippingRate], items_amount: int) -> list[PricedRate]:
    return [PricedRate(rate, rate.price.amount_for(items_amount)) for rate in rates]
