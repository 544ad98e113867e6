import os
import re
import subprocess
import sys
from contextlib import suppress
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
from tests.support.payments import paid
from tests.support.processes import ROOT

pytestmark = pytest.mark.django_db
ALL_PERMISSIONS = """
    checkout_session_write payment_intent_write charge_write dispute_read
    radar_early_fraud_warning_read coupon_write tax_rate_write
""".split()
LIVE = StripeAccount("default", "sk_live_1", "pk_live_1")


@pytest.fixture(autouse=True)
def _disk_with_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: disk_with(1_000_000_000))


def disk_with(free: int) -> SimpleNamespace:
    return SimpleNamespace(free=free)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    with suppress(CommandError):
        call_command("check_setup", no_color=True)
    return capsys.readouterr().out.splitlines()


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


@pytest.mark.parametrize(
    ("event_days_ago", "payment_minutes_ago", "start"),
    [
        (365, 60, "✗ Account “default” sent its last event on %s, but a payment has succeeded"),
        (365, 5, "✓ Account “default” sent its last event on %s."),  # its event may still arrive
        (0, 60, "✓ Account “default” sent its last event on %s."),
    ],
)
def test_reports_a_payment_whose_event_did_not_arrive(
    local_stripe: LocalStripe,
    item: Item,
    capsys: pytest.CaptureFixture[str],
    event_days_ago: int,
    payment_minutes_ago: int,
    start: str,
) -> None:
    now = timezone.now()
    day = now - timedelta(days=event_days_ago)
    for account in ("default", "EUR"):
        ReceivedEvent.objects.create(
            account=account, livemode=False, event_id="evt_1", received_at=day
        )
    payment = paid(item, local_stripe)
    payment.history.update(at=now - timedelta(minutes=payment_minutes_ago))
    found = lines(capsys)
    assert any(line.startswith(start % day.date().isoformat()) for line in found), found
    assert any(line.startswith("✓ Account “EUR” sent its last event") for line in found), found


def test_reports_a_refused_live_key_without_webhook_secret(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.STRIPE_CURRENCIES, settings.STRIPE_ACCOUNTS = ["USD"], [LIVE]
    found = lines(capsys)
    assert "✓ Payments in USD use a live key." in found
    assert "✗ Stripe refuses the key of account “default”. Check its STRIPE_SECRET_KEY." in found
    assert any("has no webhook secret: add the endpoint http://testserver/str" in x for x in found)


def test_reports_that_stripe_is_unreachable(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str]
) -> None:
    local_stripe.fail(calls=20, status=503)
    assert (
        "✗ Stripe can’t be reached from this server. Check its network, then try again."
        in lines(capsys)
    )


REFUSED = "✗ Nobody can buy with account “default”: enter the address of your terms in Stripe’s"


def test_asks_stripe_whether_buyers_can_consent_to_terms(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.CHECKOUT_TERMS = True
    assert any(line.startswith(REFUSED) for line in lines(capsys))
    assert local_stripe.all_sessions() == []
    local_stripe.configure(terms_url="https://shop.example/terms")
    found = lines(capsys)
    for account in ("default", "EUR"):
        assert f"✓ Account “{account}” asks for consent to your terms." in found
    assert {each["status"] for each in local_stripe.all_sessions()} == {"expired"}


def test_reports_another_refusal_of_the_session_that_asks_for_consent(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.CHECKOUT_TERMS = True
    local_stripe.fail(path="/v1/checkout/sessions", method="POST", status=403, calls=2)
    start = "✗ Account “default” can’t ask for consent: "
    assert any(line.startswith(start) for line in lines(capsys))


def test_asks_nothing_about_terms_that_are_not_wanted(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not any("consent" in line for line in lines(capsys))
    assert local_stripe.requests("POST", "/v1/checkout/sessions") == []


@pytest.mark.parametrize(("ahead", "how_far"), [(70, "behind"), (-240, "ahead of")])
def test_names_the_difference_between_the_clocks(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], ahead: int, how_far: str
) -> None:
    local_stripe.configure(clock_ahead=ahead)
    [found] = [line for line in lines(capsys) if "clock" in line]
    named = re.fullmatch(rf"✗ This server’s clock is (\d+) seconds {how_far} Stripe’s. .*", found)
    assert named is not None, found
    assert abs(int(named[1]) - abs(ahead)) <= 5


def test_a_difference_of_half_a_minute_is_fine(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str]
) -> None:
    local_stripe.configure(clock_ahead=20)
    assert "✓ This server’s clock agrees with Stripe’s." in lines(capsys)


def test_no_difference_at_all_is_fine(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.stripe_api.clock.difference", lambda: timedelta(0))
    assert "✓ This server’s clock agrees with Stripe’s." in lines(capsys)


def test_says_nothing_of_the_clock_before_an_answer_of_stripe(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.STRIPE_ACCOUNTS = []
    assert not any("clock" in line for line in lines(capsys))


def test_names_each_permission_that_a_restricted_key_lacks(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    default = account_named("default")
    key = default.secret_key.replace("sk_", "rk_")
    settings.STRIPE_ACCOUNTS = [replace(default, secret_key=key)]
    local_stripe.configure(permissions=[])
    found = lines(capsys)
    assert "✓ Stripe accepts the key of account “default”." in found
    start = "✗ The restricted key of account “default” lacks a permission: "
    lacking = [line.removeprefix(start) for line in found if line.startswith(start)]
    guide = (ROOT / "docs/deployment.md").read_text()
    table = re.findall(r"^   \| ([\w ]+) \| (Read|Write) \|", guide, re.MULTILINE)
    assert lacking == [f"{name}: {access}." for name, access in table]


def test_a_restricted_key_with_all_permissions_is_fine_and_changes_nothing(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    default = account_named("default")
    key = default.secret_key.replace("sk_", "rk_")
    settings.STRIPE_ACCOUNTS = [replace(default, secret_key=key)]
    local_stripe.configure(permissions=[f"rak_{name}" for name in ALL_PERMISSIONS])
    assert not any("permission" in line for line in lines(capsys))
    changing = [each for each in local_stripe.all_requests() if each["method"] == "POST"]
    assert len(changing) == 5
    assert {each["status"] for each in changing} <= {400, 404}


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
