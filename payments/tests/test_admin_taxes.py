"""Saving a tax in the admin creates its rate at Stripe, and shows what Stripe said."""

from typing import Any

import pytest
import stripe
from django.db import DatabaseError, connection
from django.test import Client

from cart.models import Tax
from payments.models import StripeObjectId
from payments.stripe_api.accounts import StripeAccount, account_named
from store.models import Item
from tests.support.admin_forms import opened_form, save
from tests.support.local_stripe import LocalStripe
from tests.support.presses import press_buy

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "/admin/cart/tax/add/"
VALUES = {"display_name": "VAT", "percentage": "20", "is_active": "on", "applies_by_default": "on"}
TAX_RATES = "/v1/tax_rates"


def add_and_read(client: Client, **changes: Any) -> str:
    """Add a tax; return the next page."""
    assert save(client, ADD, VALUES, **changes) == ""
    return client.get("/admin/cart/tax/").content.decode()


def test_the_rate_is_there_before_the_first_sale(
    admin_client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    page = add_and_read(admin_client, country="DE")
    sent = local_stripe.requests("POST", TAX_RATES)
    assert [each["account"] for each in sent] == ["minicart", "minieuro"]
    for created in StripeObjectId.objects.all():
        assert f"Account “{created.account}”: Stripe has the tax rate {created}." in page
    assert press_buy(item).stripe_id
    assert len(local_stripe.requests("POST", TAX_RATES)) == 2


def test_stripe_is_asked_after_the_commit(
    admin_client: Client, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_within: list[bool] = []

    def of_tax(*_args: Any) -> str:
        asked_within.append(connection.in_atomic_block or not Tax.objects.exists())
        return "txr_1"

    monkeypatch.setattr("payments.methods.coupons_and_tax_rates.of_tax", of_tax)
    add_and_read(admin_client)
    assert asked_within == [False, False]


def test_shows_why_stripe_refuses_a_tax(
    admin_client: Client, local_stripe: LocalStripe, settings: Any
) -> None:
    """The account's secret key is one that Stripe doesn't accept."""
    settings.STRIPE_ACCOUNTS = [StripeAccount("default", "sk_wrong", "pk_test_minicart")]
    page = add_and_read(admin_client)
    assert "Account “default”: Stripe refuses this tax, so orders with it can’t be paid" in page
    assert "Stripe’s answer: Invalid API Key" in page


def test_says_that_stripe_cannot_be_reached(
    admin_client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    local_stripe.fail(calls=20, status=503)
    assert "Account “EUR”: Stripe can’t be reached now." in add_and_read(admin_client)
    assert Tax.objects.count() == 1
    local_stripe.fail(calls=0)
    assert press_buy(item).stripe_id
    assert len(StripeObjectId.objects.all()) == 1


def test_an_error_after_the_commit_is_logged_and_the_tax_stays_saved(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def of_tax(*_args: Any) -> str:
        raise DatabaseError("the connection is lost")

    monkeypatch.setattr("payments.methods.coupons_and_tax_rates.of_tax", of_tax)
    add_and_read(admin_client)
    assert Tax.objects.count() == 1
    assert "the connection is lost" in caplog.text


def test_nothing_is_asked_without_keys_or_for_a_tax_that_is_switched_off(
    admin_client: Client, local_stripe: LocalStripe, settings: Any
) -> None:
    assert "Account “" not in add_and_read(admin_client, is_active=None)
    settings.STRIPE_ACCOUNTS = []
    assert "Account “" not in add_and_read(admin_client)
    assert local_stripe.requests("POST", TAX_RATES) == []


def save_again(client: Client) -> str:
    """Save the only tax without a change; return the next page."""
    address = f"/admin/cart/tax/{Tax.objects.get().pk}/change/"
    save(client, address, opened_form(client, address))
    return client.get("/admin/cart/tax/").content.decode()


def test_a_rate_that_is_archived_or_gone_is_created_again(
    admin_client: Client, local_stripe: LocalStripe
) -> None:
    add_and_read(admin_client)
    archived, gone = StripeObjectId.objects.order_by("account")
    key = account_named(archived.account).secret_key
    stripe.TaxRate.modify(archived.stripe_id, active=False, api_key=key)
    StripeObjectId.objects.filter(pk=gone.pk).update(stripe_id="txr_gone")
    page = save_again(admin_client)
    created = StripeObjectId.objects.order_by("account")
    assert not {each.stripe_id for each in created} & {archived.stripe_id, "txr_gone"}
    assert all(f"Stripe has the tax rate {each}." in page for each in created)
    save_again(admin_client)
    assert len(local_stripe.requests("POST", TAX_RATES)) == 4


def test_another_percentage_is_another_rate(
    admin_client: Client, local_stripe: LocalStripe
) -> None:
    add_and_read(admin_client)
    address = f"/admin/cart/tax/{Tax.objects.get().pk}/change/"
    save(admin_client, address, opened_form(admin_client, address), percentage="21")
    sent = [each["params"]["percentage"] for each in local_stripe.requests("POST", TAX_RATES)]
    assert sent == ["20.0", "20.0", "21.0", "21.0"]
