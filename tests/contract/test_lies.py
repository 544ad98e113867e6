"""Ten lies of a local Stripe are all named: the command sees differences."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.__main__ import main
from tests.contract.answers import Expected
from tests.contract.api import Api
from tests.contract.check import DIFFERS, LACKS, check
from tests.contract.keys import LOCAL_KEYS
from tests.contract.scenarios import ALL
from tests.support.local_stripe import LocalStripe
from tests.support.lying_stripe import Body, Lie, lying_stripe


def on_error(**changes: Any) -> Callable[[Body], int | None]:
    """A change of errors only; a field that becomes None is left out."""

    def change(body: Body) -> int | None:
        if "error" in body:
            left = {key: value for key, value in (body["error"] | changes).items() if value}
            body["error"] = {key: value for key, value in left.items() if value is not None}
        return None

    return change


def on_object(**changes: Any) -> Callable[[Body], int | None]:
    """A change of objects that are no errors."""

    def change(body: Body) -> int | None:
        if "error" not in body:
            body.update(changes)
        return None

    return change


def forget(name: str) -> Callable[[Body], int | None]:
    def change(body: Body) -> int | None:
        body.pop(name, None)
        return None

    return change


def refuse_with_400(body: Body) -> int | None:
    return 400 if "error" in body else None


# The lie; the scenario that it changes; the field that must be named.
LIES = {
    "status": (
        Lie("GET", "/v1/tax_rates/txr_none", refuse_with_400),
        ("Tax rate: unknown id", "read: status: Stripe 404, local Stripe 400"),
    ),
    "type of error": (
        Lie("POST", "/v1/coupons", on_error(type="api_error")),
        ("Coupon: neither percentage nor amount", 'error.type: Stripe "invalid_request_error"'),
    ),
    "code": (
        Lie("POST", "/v1/coupons", on_error(code="resource_missing")),
        ("Coupon: an id that is taken", 'error.code: Stripe "resource_already_exists"'),
    ),
    "parameter": (
        Lie("POST", "/v1/checkout/sessions", on_error(param="until")),
        ("Session: expires too soon", 'error.param: Stripe "expires_at", local Stripe "until"'),
    ),
    "message": (
        Lie("POST", "/v1/refunds", on_error(message="No.")),
        ("Refund an unpaid intent", 'error.message: Stripe "This PaymentIntent (<create.id>) does'),
    ),
    "absent key": (
        Lie("POST", "/v1/checkout/sessions", forget("payment_intent")),
        ("Session: expires in 35 minutes", "payment_intent: Stripe null, local Stripe <absent>"),
    ),
    "null for absent": (
        Lie("GET", "/v1/refunds/re_.*", on_object(failure_reason=None)),
        ("Refund all", "failure_reason: Stripe <absent>, local Stripe null"),
    ),
    "value for null": (
        Lie("POST", "/v1/payment_intents/pi_.*/cancel", on_object(next_action={"type": "none"})),
        ("A card that needs 3-D Secure", 'next_action: Stripe null, local Stripe {"type": "none"}'),
    ),
    "enum": (
        Lie("POST", "/v1/payment_intents", on_object(status="requires_source")),
        ("Intent: confirm without return_url", 'status: Stripe "requires_payment_method"'),
    ),
    "amount": (
        Lie("GET", "/v1/charges/ch_.*", on_object(amount_refunded=401)),
        ("Refund a part, and too much", "amount_refunded: Stripe 400, local Stripe 401"),
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_names_a_lie_and_nothing_else(local_stripe: LocalStripe, name: str) -> None:
    lie, (scenario, named) = LIES[name]
    scenarios = [each for each in ALL if each.name == scenario]
    with lying_stripe(local_stripe.address, lie) as address, Api(address, LOCAL_KEYS) as local:
        (outcome,) = check(scenarios, local=local, stripe=None, expected=Expected.read())
    assert len(outcome.differences) == 1, [str(each) for each in outcome.differences]
    assert named in str(outcome.differences[0])
    assert outcome.verdict == (LACKS if name == "absent key" else DIFFERS)


def all_lies() -> list[Lie]:
    return [lie for lie, _named in LIES.values()]


@pytest.mark.usefixtures("_no_account")
def test_names_all_ten_lies_against_the_file(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str]
) -> None:
    with lying_stripe(local_stripe.address, *all_lies()) as address:
        assert main(["--local", address]) == 1
    printed = capsys.readouterr().out
    assert len(LIES) == 10
    for name, (_lie, (scenario, named)) in LIES.items():
        assert named in section(printed, scenario), name


def test_names_all_ten_where_the_other_one_is_asked(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], account_answers: Path
) -> None:
    """With a key, in the place of api.stripe.com: every answer is compared with all its fields."""
    file = account_answers
    Expected.read().write(file)
    with lying_stripe(local_stripe.address, *all_lies()) as address:
        where = ["--stripe", address, "--local", local_stripe.address, "--answers", str(file)]
        assert main(where) == 1
    printed = capsys.readouterr().out
    for name, (_lie, (scenario, named)) in LIES.items():
        field = named.partition(": Stripe")[0]
        found = section(printed, scenario)
        assert any(field in line and "local Stripe" in line for line in found.splitlines()), name
        assert any(
            field in line and "otherwise than the file" in line for line in found.splitlines()
        )
    assert set(Expected.read(file).sources()) == {address}


def section(printed: str, scenario: str) -> str:
    """The lines below the name of the scenario."""
    return printed.partition(f"\n\n{scenario}\n")[2].partition("\n\n")[0]


def test_without_lies_every_field_of_two_local_stripes_is_the_same(
    local_stripe: LocalStripe, account_answers: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    file = account_answers
    with lying_stripe(local_stripe.address) as address:
        assert main(["--stripe", address, "--local", address, "--answers", str(file)]) == 0
    assert f"\n{len(ALL)} same in " in capsys.readouterr().out
    monkeypatch.delenv("STRIPE_CONTRACT_KEY")
    assert main(["--local", local_stripe.address, "--answers", str(file)]) == 0
    assert f"{address}" in capsys.readouterr().out
