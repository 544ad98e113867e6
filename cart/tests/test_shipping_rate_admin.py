from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from cart.models import ShippingRate
from store.countries import country_code
from store.models import Item
from tests.support.admin_forms import opened_form, save
from tests.support.answers import page_of
from tests.support.shipping import add_rate

ADD = "/admin/cart/shippingrate/add/"
PARCEL = {"name": "Parcel", "currency": "USD", "amount": "4.90", "position": "0", "is_active": "on"}


def test_stores_countries_and_amounts(admin_client: Client) -> None:
    typed = {"countries": "de, Austria; uk, DE,", "free_from_amount": "50"}
    assert admin_client.post(ADD, PARCEL | typed).status_code == 302
    rate = ShippingRate.objects.get()
    assert rate.countries == ["DE", "AT", "GB"]
    assert (rate.amount, rate.free_from_amount) == (490, 5000)
    page = page_of(admin_client, "/admin/cart/shippingrate/")
    for text in ("DE, AT, GB", "$4.90", "$50.00"):
        assert text in page
    form = opened_form(admin_client, f"/admin/cart/shippingrate/{rate.pk}/change/")
    assert (form["countries"], form["amount"]) == ("DE, AT, GB", "4.90")


def test_a_new_rate_comes_after_those_that_buyers_know(admin_client: Client) -> None:
    add_rate(490, name="Parcel", position=1)
    form = opened_form(admin_client, ADD)
    typed = {"name": "Express", "currency": "USD", "amount": "9.90"}
    assert admin_client.post(ADD, form | typed).status_code == 302
    assert [rate.name for rate in ShippingRate.objects.offered("USD")] == ["Parcel", "Express"]
    express = ShippingRate.objects.get(name="Express")
    ShippingRate.objects.filter(pk=express.pk).update(position=3)
    form = opened_form(admin_client, f"/admin/cart/shippingrate/{express.pk}/change/")
    assert form["position"] == "3"


def test_without_countries_it_is_for_everywhere_else(admin_client: Client) -> None:
    assert admin_client.post(ADD, PARCEL).status_code == 302
    assert ShippingRate.objects.get().countries == []
    assert "everywhere else" in page_of(admin_client, "/admin/cart/shippingrate/")


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"countries": "DE AT"}, "countries", "There is no country “DE AT”. Type its two letters"),
        ({"countries": "KP"}, "countries", "take addresses in this country: North Korea. Remove"),
        ({"amount": "-1"}, "amount", "greater than or equal to 0"),
        ({"amount": "4.905"}, "amount", "USD has 2 decimals; this amount has more."),
        ({"amount": "1000000"}, "amount", "The amount must be at most $999,999.99"),
        ({"amount": "1.5", "currency": "JPY"}, "amount", "JPY has 0 decimals"),
        ({"currency": ""}, "currency", "This field is required."),
        ({"currency": "EUR"}, "currency", "Select a valid choice."),
        ({"free_from_amount": "0.005"}, "free_from_amount", "USD has 2 decimals"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    admin_client: Client, settings: Any, values: dict[str, str], field: str, message: str
) -> None:
    settings.STRIPE_CURRENCIES = ["USD", "JPY"]
    answer = admin_client.post(ADD, PARCEL | values)
    errors = answer.context["adminform"].form.errors
    assert list(errors) == [field]
    assert message in str(errors[field])
    assert not ShippingRate.objects.exists()


def test_a_second_member_of_staff_is_told_what_changed(admin_client: Client) -> None:
    rate = add_rate(490, "DE")
    address = f"/admin/cart/shippingrate/{rate.pk}/change/"
    form = opened_form(admin_client, address)
    assert save(admin_client, address, form) == ""
    ShippingRate.objects.update(countries=["DE", "AT"], amount=500)
    page = save(admin_client, address, form, name="Letter")
    assert "This was changed from “DE” to “DE, AT” while you edited." in page
    assert "This was changed from “4.90” to “5.00” while you edited." in page


def test_countries_are_known_by_their_names_in_the_language_of_the_admin() -> None:
    assert [country_code(typed) for typed in ("aland islands", "GERMANY")] == ["AX", "DE"]
    with translation.override("ru"):
        assert [country_code(typed) for typed in ("Австрия", "austria")] == ["AT", "AT"]


def test_an_item_says_whether_it_needs_shipping(admin_client: Client, item: Item) -> None:
    address = f"/admin/store/item/{item.pk}/change/"
    form = opened_form(admin_client, address)
    assert form["needs_shipping"] == "on"
    assert save(admin_client, address, form, needs_shipping=None) == ""
    item.refresh_from_db()
    assert not item.needs_shipping
