"""The form of a tax refuses what Stripe would refuse when somebody buys."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from cart.models import Tax
from tests.support.admin_forms import opened_form, save
from tests.support.answers import page_of

ADD = "/admin/cart/tax/add/"
VALUES = {"display_name": "VAT", "percentage": "20", "is_active": "on", "applies_by_default": "on"}


def add(client: Client, **changes: Any) -> str:
    return save(client, ADD, VALUES, **changes)


@pytest.mark.parametrize("chosen", ["DE", ""])
def test_takes_a_country_of_the_list_or_none(admin_client: Client, chosen: str) -> None:
    assert add(admin_client, country=chosen) == ""
    assert Tax.objects.get().country == chosen


def test_the_list_has_the_names_of_the_countries(admin_client: Client) -> None:
    """A typed "Ge" was cut from "Germany"; it is the code of Georgia."""
    page = page_of(admin_client, ADD)
    assert '<option value="DE">Germany</option>' in page
    assert "the tax is on every order, wherever it is sent" in page
    assert "Select a valid choice" in add(admin_client, country="Ge")
    assert not Tax.objects.exists()


def test_refuses_the_same_active_tax_twice(admin_client: Client) -> None:
    assert add(admin_client) == ""
    page = add(admin_client, percentage="20.000", display_name=" VAT ")
    assert "There is an equal active tax already." in page
    assert Tax.objects.count() == 1
    for change in ({"country": "DE"}, {"percentage": "7"}, {"is_active": None}):
        assert add(admin_client, **change) == ""


def test_refuses_to_switch_on_an_equal_tax(admin_client: Client) -> None:
    add(admin_client)
    add(admin_client, is_active=None)
    address = f"/admin/cart/tax/{Tax.objects.get(is_active=False).pk}/change/"
    page = save(admin_client, address, opened_form(admin_client, address), is_active="on")
    assert "There is an equal active tax already." in page


def test_the_database_refuses_the_same_active_tax_twice(db: None) -> None:
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    with pytest.raises(IntegrityError):
        Tax.objects.create(display_name="VAT", percentage=Decimal(20))


def test_refuses_an_eleventh_tax(admin_client: Client) -> None:
    for number in range(10):
        assert add(admin_client, percentage=str(number)) == ""
    message = "An order can have at most 10 taxes. Switch off another one first."
    assert message in add(admin_client, percentage="11")
    assert add(admin_client, percentage="11", applies_by_default=None) == ""
    assert add(admin_client, percentage="12", is_active=None) == ""
    address = f"/admin/cart/tax/{Tax.objects.get(percentage=12).pk}/change/"
    form = opened_form(admin_client, address)
    assert message in save(admin_client, address, form, is_active="on")
    address = f"/admin/cart/tax/{Tax.objects.get(percentage=9).pk}/change/"
    assert save(admin_client, address, opened_form(admin_client, address), percentage="13") == ""
