"""What `manage.py check_setup` lists of the server, the admin and mail."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from cart.models import ShippingRate, Tax
from notifications.models import Mail
from payments.models import ReceivedEvent
from payments.stripe_api.accounts import StripeAccount, account_named
from project.mail import mailer
from store.models import Item, Page, Shop
from tests.support.local_stripe import LocalStripe
from tests.support.mails import paid_order
from tests.support.processes import ROOT
from tests.support.setup_lines import lines

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _disk_with_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: disk_with(1_000_000_000))


def disk_with(free: int) -> SimpleNamespace:
    return SimpleNamespace(free=free)


def test_fresh_shop_lacks_nearly_everything(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.STRIPE_CURRENCIES = ["USD", "GBP"]
    settings.STRIPE_ACCOUNTS = [replace(account_named("default"), name="USD")]
    with pytest.raises(CommandError, match="isn’t ready to sell: see the lines with ✗."):
        call_command("check_setup", no_color=True)
    assert capsys.readouterr().out.splitlines() == [
        "✗ BASE_URL is http://testserver; buyers need an https:// address.",
        "✓ The disk has 1000 MB left.",
        "✗ Nobody can log in to the admin: run manage.py createsuperuser.",
        "✗ The shop has no name: enter one in the admin.",
        "✗ The shop has no contact e-mail: enter one in the admin.",
        "✗ The shop has no postal address: enter it in the admin.",
        "✗ The shop has no country: enter it in the admin.",
        "✗ There are no pages: add terms, privacy and a legal notice in the admin.",
        "✗ No item is listed: add one in the admin.",
        "✓ No item needs shipping.",
        "✓ No tax is added; add one in the admin if you must charge it.",
        "✗ Payments in USD use a test key, so no money moves: set a live key to sell.",
        "✗ Nobody can pay in GBP: set STRIPE_SECRET_KEY.",
        "✓ Stripe accepts the key of account “USD”.",
        "✗ No event of account “USD” has arrived yet: buy something.",
        "✓ This server’s clock agrees with Stripe’s.",
        "✗ No mail is sent: set EMAIL_URL.",
        "✓ The shop is open.",
    ]


def test_complete_setup_lacks_nothing(
    local_stripe: LocalStripe,
    make_item: Any,
    capsys: pytest.CaptureFixture[str],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.BASE_URL = "https://shop.example"
    settings.SENDS_MAIL, settings.MAILERS = True, {"default": mailer("smtp+tls://mail.example")}
    settings.DEFAULT_FROM_EMAIL = "shop@shop.example"
    # The local Stripe accepts test keys only.
    monkeypatch.setattr(StripeAccount, "livemode", True)
    set_up_admin(make_item)
    for account in ("default", "EUR"):
        ReceivedEvent.objects.create(
            account=account, livemode=True, event_id="evt_1", received_at=timezone.now()
        )
    call_command("check_setup", no_color=True)
    found = capsys.readouterr().out.splitlines()
    assert len(found) == 20
    assert all(line.startswith("✓") for line in found), found


def set_up_admin(make_item: Any) -> None:
    """What a merchant enters there."""
    get_user_model().objects.create_superuser("admin")
    Shop.objects.create(
        name="Elm Street Pottery",
        email="hello@shop.example",
        postal_address="Elm Street 1",
        country="DE",
    )
    Page.objects.create(slug="terms", title="Terms", text="Be kind.")
    make_item()
    ShippingRate.objects.create(name="Parcel", currency="USD", amount=490)
    Tax.objects.create(display_name="VAT", percentage=20)


def test_reports_that_the_disk_is_nearly_full(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: disk_with(999_000_000))
    expected = "✗ The disk is nearly full: it has 999 MB left. Make room, or sales stop."
    assert expected in lines(capsys)


def test_database_without_tables_is_a_sentence(tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"}
    command = [sys.executable, "manage.py", "check_setup"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert (
        "The database can't be used. Check DATABASE_URL, and run manage.py migrate." in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_reports_mails_that_were_not_sent(
    local_stripe: LocalStripe, item: Item, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    order, long_ago = paid_order(item), timezone.now() - timedelta(hours=1)

    def found() -> list[str]:
        return [line for line in lines(capsys) if line.startswith("✗") and "ail" in line][1:]

    settings.SENDS_MAIL, settings.MAILERS = True, {"default": mailer("smtp+tls://mail.example")}
    mail = Mail.objects.create(order=order, reason="new_order")
    assert found() == []
    Mail.objects.update(next_try_at=long_ago)
    assert found() == ["✗ Mails wait, but nothing sends them. Start manage.py worker."]
    Mail.objects.update(next_try_at=mail.next_try_at, failing_since=long_ago, last_error="450 full")
    assert found() == ["✗ Mails can’t be sent: 450 full"]
    Mail.objects.update(state="failed")
    assert found() == ["✗ 1 mail could not be sent; the admin says why and can send it again."]
    Mail.objects.update(state="sent")
    assert found() == []


def test_mail_in_files_reaches_nobody(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    settings.SENDS_MAIL, settings.MAILERS = True, {"default": mailer(f"filemail://{tmp_path}")}
    expected = "✗ Mail isn’t sent to its readers: set EMAIL_URL to a mail server."
    assert expected in lines(capsys)
