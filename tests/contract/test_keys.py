"""Which keys are used, where they are sent, and how often."""

import itertools
from pathlib import Path

import pytest

from tests.contract.__main__ import main
from tests.contract.answers import Expected
from tests.contract.api import Api, LiveMode
from tests.contract.check import check
from tests.contract.keys import LOCAL_KEYS, Keys
from tests.contract.scenarios import ALL
from tests.support.local_stripe import LocalStripe
from tests.support.lying_stripe import Body, Lie, lying_stripe


@pytest.mark.parametrize(
    ("variable", "key"),
    [
        ("STRIPE_CONTRACT_KEY", "sk_live_123"),
        ("STRIPE_CONTRACT_KEY", "rk_live_123"),
        ("STRIPE_CONTRACT_KEY", "pk_test_123"),
        ("STRIPE_CONTRACT_KEY", "anything"),
        ("STRIPE_CONTRACT_PUBLISHABLE_KEY", "pk_live_123"),
        ("STRIPE_CONTRACT_PUBLISHABLE_KEY", "sk_test_123"),
    ],
)
def test_refuses_live_and_wrong_keys_before_any_call(
    monkeypatch: pytest.MonkeyPatch, local_stripe: LocalStripe, variable: str, key: str
) -> None:
    monkeypatch.delenv("STRIPE_CONTRACT_KEY", raising=False)
    monkeypatch.setenv(variable, key)
    with pytest.raises(SystemExit, match="must start with") as refused:
        main(["--stripe", local_stripe.address, "--local", local_stripe.address])
    assert key not in str(refused.value)
    assert local_stripe.all_requests() == []


@pytest.mark.parametrize("address", ["https://api.stripe.example", "http://127.0.0.1.example"])
def test_sends_a_key_to_stripe_or_this_machine_only(
    monkeypatch: pytest.MonkeyPatch, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STRIPE_CONTRACT_KEY", "sk_test_123")
    with pytest.raises(SystemExit):
        main(["--stripe", address])
    assert "or to this machine only" in capsys.readouterr().err


def test_stops_at_an_answer_about_real_money(local_stripe: LocalStripe) -> None:
    def go_live(body: Body) -> None:
        body["livemode"] = True

    lie = Lie("POST", "/v1/coupons", go_live)
    with (
        lying_stripe(local_stripe.address, lie) as address,
        Api(address, LOCAL_KEYS) as api,
        pytest.raises(LiveMode),
    ):
        api.call("POST", "/v1/coupons", {"percent_off": 10})


def test_a_key_that_stripe_refuses_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, local_stripe: LocalStripe, tmp_path: Path
) -> None:
    def refuse(body: Body) -> int:
        body["error"] = {"type": "invalid_request_error", "message": "Expired API Key"}
        return 401

    monkeypatch.setenv("STRIPE_CONTRACT_KEY", "sk_test_123")
    file = tmp_path / "answers.json"
    with (
        lying_stripe(local_stripe.address, Lie("GET", ".*", refuse)) as address,
        pytest.raises(SystemExit, match="Expired API Key"),
    ):
        main(["--stripe", address, "--local", address, "--answers", str(file)])
    assert not file.exists()


def test_does_not_record_what_the_key_is_not_allowed(local_stripe: LocalStripe) -> None:
    """A restricted key without the permission to refund, and no publishable key."""

    def refuse(body: Body) -> int:
        body.clear()
        body["error"] = {"type": "invalid_request_error", "message": "rak_charge_write"}
        return 403

    names = (
        "Refund without saying what",
        "Coupon: an amount",
        "Intent: read with a publishable key",
    )
    scenarios = [each for each in ALL if each.name in names]
    expected = Expected.read()
    with (
        lying_stripe(local_stripe.address, Lie("POST", "/v1/refunds", refuse)) as address,
        Api(address, Keys("sk_test_elsewhere")) as stripe,
        Api(local_stripe.address, LOCAL_KEYS) as local,
    ):
        outcomes = list(check(scenarios, local=local, stripe=stripe, expected=expected))
    refund, coupon, public = (expected.of(name) for name in names)
    assert refund["refund"]["source"] == public["read"]["source"] == "documentation"
    assert coupon["create"]["source"] == address
    assert [note for outcome in outcomes for note in outcome.notes] == [
        "not run at Stripe: there is no publishable key",
        "refund: not recorded: 403 rak_charge_write",
    ]


def test_calls_stripe_at_most_ten_times_a_second(
    monkeypatch: pytest.MonkeyPatch, local_stripe: LocalStripe
) -> None:
    monkeypatch.setattr("tests.contract.api.STRIPE", local_stripe.address)
    with Api(local_stripe.address, LOCAL_KEYS) as api:
        for _ in range(12):
            assert api.call("GET", "/v1/coupons").status == 200
    assert all(later - earlier >= 0.1 for earlier, later in itertools.pairwise(api.calls))


def test_waits_when_stripe_asks_for_fewer_calls(
    monkeypatch: pytest.MonkeyPatch, local_stripe: LocalStripe
) -> None:
    monkeypatch.setattr("tests.contract.api.SECONDS_BETWEEN_ATTEMPTS", 0)
    local_stripe.fail(calls=2, status=429)
    with Api(local_stripe.address, LOCAL_KEYS) as api:
        assert api.call("GET", "/v1/coupons").status == 200


def test_goes_by_the_clock_of_the_server(local_stripe: LocalStripe) -> None:
    with Api(local_stripe.address, LOCAL_KEYS, clock_ahead=1000) as api:
        api.call("GET", "/v1/coupons")
    assert abs(api.clock_ahead) < 60
