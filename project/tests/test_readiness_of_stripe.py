"""What `manage.py check_setup` says of the Stripe accounts and of the clock."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from payments.models import ReceivedEvent
from payments.stripe_api.accounts import StripeAccount, account_named
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid
from tests.support.processes import ROOT
from tests.support.setup_lines import lines

pytestmark = pytest.mark.django_db
ALL_PERMISSIONS = """
    checkout_session_write payment_intent_write charge_write dispute_read
    radar_early_fraud_warning_read coupon_write tax_rate_write
""".split()
LIVE = StripeAccount("default", "sk_live_1", "pk_live_1")
REFUSED = "✗ Nobody can buy with account “default”: enter the address of your terms in Stripe’s"


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
