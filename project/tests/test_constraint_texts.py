"""What the forms of the admin say about values that the database would refuse."""

from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.utils.translation import override

from cart.models import Discount, ShippingRate, Tax
from store.models import Collection, Item
from tests.support.admin_forms import opened_form, save
from tests.support.pictures import add_picture

TOO_LARGE = "99999999999"  # for an integer of PostgreSQL
# For each field of a form, what somebody may type there by mistake.
WRONG = {
    **dict.fromkeys(("price", "amount", "free_from_amount"), ["-1", "0", "0.001", "1e9", "x", ""]),
    **dict.fromkeys(("percent", "percentage"), ["-1", "0", "100.5", "101", "0.00001"]),
    **dict.fromkeys(("stock", "position", "max_redemptions"), ["-1", "0", "1.5", TOO_LARGE]),
    **dict.fromkeys(("currency", "country"), ["XXX", "usd", "zz", "", "JPY"]),
    "minimum_amount": ["-1", "5"],
    "slug": ["two words", "taken", ""],
    **dict.fromkeys(("name", "code", "display_name"), ["", "x" * 201]),
}
FORMS: dict[str, dict[str, Any]] = {
    "store/item": {"name": "Mug", "price": "5", "currency": "USD"},
    "store/collection": {"name": "Kitchen", "slug": "kitchen"},
    "store/page": {"title": "About", "slug": "about", "text": "We sell mugs."},
    "cart/discount": {"code": "TEN", "percent": "10"},
    "cart/discount/": {"code": "FIVE", "amount": "5", "currency": "USD"},
    "cart/tax": {"display_name": "VAT", "percentage": "20"},
    "cart/shippingrate": {"name": "Parcel", "currency": "USD", "amount": "5"},
}


@pytest.mark.parametrize("form", FORMS)
def test_wrong_values_are_refused_in_sentences(
    admin_client: Client, settings: Any, form: str
) -> None:
    """Each wrong value alone, and with each wrong currency."""
    settings.STRIPE_CURRENCIES = ["USD", "JPY"]
    Collection.objects.create(name="Taken", slug="taken")
    address, right = f"/admin/{form.rstrip('/')}/add/", FORMS[form]
    empty = opened_form(admin_client, address)
    refused = 0
    for field in empty.keys() & WRONG.keys():
        for value in WRONG[field]:
            page = save(admin_client, address, empty, **right | {field: value})
            assert "Constraint" not in page, (field, value)
            assert value != TOO_LARGE or "is less than or equal to" in page, field
            refused += page != ""
    assert refused > 3


def test_a_large_number_is_refused_in_lists_and_at_pictures(
    admin_client: Client, item: Item
) -> None:
    Collection.objects.create(name="Kitchen", slug="kitchen")
    for address, field in (("collection/", "position"), ("item/", "stock")):
        form = opened_form(admin_client, f"/admin/store/{address}") | {"_save": "Save"}
        page = save(admin_client, f"/admin/store/{address}", form, **{f"form-0-{field}": TOO_LARGE})
        assert "is less than or equal to" in page
    picture = add_picture(item)
    address = f"/admin/store/item/{item.pk}/change/"
    form = opened_form(admin_client, address)
    assert "or equal to 32767" in save(
        admin_client, address, form, **{"pictures-0-position": "32768"}
    )
    picture.refresh_from_db()
    assert picture.position == 100


@pytest.mark.parametrize("model", [Item, Collection, Discount, Tax, ShippingRate])
def test_each_check_of_a_form_has_a_sentence(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        with override("en"):
            text = str(constraint.violation_error_message)
        assert text != str(models.CheckConstraint.default_violation_error_message), constraint.name
