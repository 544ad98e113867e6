from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from cart.models import Tax
from payments.models import ReceivedEvent
from payments.stripe_api.accounts import StripeAccount, account_named
from tests.support.local_stripe import LocalStripe

pytestmark = pytest.mark.django_db
LIVE = StripeAccount("default", "sk_live_1", "pk_live_1")


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    call_command("check_setup", no_color=True)
    return capsys.readouterr().out.splitlines()


def test_fresh_shop_lacks_nearly_everything(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.STRIPE_CURRENCIES = ["USD", "GBP"]
    settings.STRIPE_ACCOUNTS = [replace(account_named("default"), name="USD")]
    assert lines(capsys) == [
        "✗ BASE_URL is http://testserver; buyers need an https:// address.",
        "✗ USD is paid with a test key: no money moves.",
        "✗ GBP can’t be paid: set STRIPE_SECRET_KEY.",
        "✓ Stripe accepts the key of account “USD”.",
        "✗ No event of account “USD” has arrived yet: buy something.",
        "✗ Mail goes to the log: set EMAIL_URL.",
        "✗ Nobody can log in to the admin: manage.py createsuperuser.",
        "✗ No item is listed.",
        "✓ No tax is added; add one in the admin if you must charge it.",
    ]


def test_complete_setup_lacks_nothing(
    local_stripe: LocalStripe, make_item: Any, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://shop.example", ["shop.example"]
    settings.MAILERS = {"default": {"BACKEND": "", "OPTIONS": {}}}
    settings.DEFAULT_FROM_EMAIL = "shop@shop.example"
    make_item()
    Tax.objects.create(display_name="VAT", percentage=20)
    get_user_model().objects.create_superuser("admin")
    for account in ("default", "EUR"):
        ReceivedEvent.objects.create(
            account=account, livemode=False, event_id="evt_1", received_at=timezone.now()
        )
    found = [line for line in lines(capsys) if "test key" not in line]
    assert len(found) == 9
    assert all(line.startswith("✓") for line in found), found


def test_reports_a_refused_live_key_without_webhook_secret(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.STRIPE_CURRENCIES, settings.STRIPE_ACCOUNTS = ["USD"], [LIVE]
    found = lines(capsys)
    assert "✓ USD is paid with a live key." in found
    assert "✗ Stripe refuses the key of account “default”." in found
    assert any("has no webhook secret: add the endpoint http://testserver/str" in x for x in found)


def test_reports_that_stripe_is_unreachable(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str]
) -> None:
    local_stripe.fail(calls=20, status=503)
    assert "✗ Stripe can’t be reached from this server." in lines(capsys)


def test_host_of_the_address_must_be_allowed(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.BASE_URL = "https://shop.example"
    assert "✗ ALLOWED_HOSTS lacks shop.example, the host of BASE_URL." in lines(capsys)
