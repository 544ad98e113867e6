"""How answers are compared, and what is left out of them."""

import json
from typing import Any

import pytest

from tests.contract.answers import Expected
from tests.contract.api import Answer, Api
from tests.contract.check import DIFFERS, LACKS, check
from tests.contract.compare import differences
from tests.contract.keys import LOCAL_KEYS
from tests.contract.normalise import normalised
from tests.contract.run import Result
from tests.contract.steps import Step, encode, event, get, scenario
from tests.contract.table import details, summary
from tests.support.local_stripe import LocalStripe


def compared(expected: Any, local: Any, *, is_complete: bool = True) -> list[str]:
    found = differences(
        "step",
        {"status": 200, "body": expected},
        {"status": 200, "body": local},
        is_complete=is_complete,
    )
    return [str(each).removeprefix("step: ") for each in found]


@pytest.mark.parametrize(
    ("expected", "local", "named"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 10}, {"a": 10.0}, []),
        ({"a": 1}, {"a": True}, ["a: Stripe 1, local Stripe true"]),
        ({"a": 1}, {"a": "1"}, ['a: Stripe 1, local Stripe "1"']),
        ({"a": None}, {}, ["a: Stripe null, local Stripe <absent>"]),
        ({}, {"a": None}, ["a: Stripe <absent>, local Stripe null"]),
        ({"a": {"b": 1}}, {"a": None}, ['a: Stripe {"b": 1}, local Stripe null']),
        ({"a": [1, 2]}, {"a": [1]}, ["a: Stripe [1, 2], local Stripe [1]"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, ["a.0.b: Stripe 1, local Stripe 2"]),
        ({"balance_transaction": "<txn>"}, {"balance_transaction": None}, []),
    ],
)
def test_compares_with_all_fields(expected: Any, local: Any, named: list[str]) -> None:
    assert compared(expected, local) == named


@pytest.mark.parametrize(
    ("expected", "local", "named"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"b": "<absent>"}, {"a": 1}, []),
        ({"b": "<absent>"}, {"b": None}, ["b: Stripe <absent>, local Stripe null"]),
        ({"b": "<present>"}, {"b": None}, []),
        ({"b": "<present>"}, {}, ["b: Stripe <present>, local Stripe <absent>"]),
        ({"b": "<not> x"}, {"b": "y"}, []),
        ({"b": "<not> x"}, {"b": "x"}, ['b: Stripe "<not> x", local Stripe "x"']),
    ],
)
def test_compares_with_the_documented_fields(expected: Any, local: Any, named: list[str]) -> None:
    assert compared(expected, local, is_complete=False) == named


def test_leaves_out_what_differs_from_run_to_run() -> None:
    known, other = "pi_" + "a" * 24, "ch_" + "b" * 24
    body = {
        "id": known,
        "created": 1_800_000_000,
        "client_secret": f"{known}_secret_x",
        "latest_charge": other,
        "last_payment_error": {"message": f"Charge {other} of {known} in run-1"},
        "payment_method_types": ["card", "link"],
        "review": None,
        "amount": 1999,
    }
    result = Result("run-1", {"create": Answer(200, body)})
    step = get("create", "/v1/payment_intents")
    assert normalised(step, result)["body"] == {
        "id": "<create.id>",
        "created": "<time>",
        "client_secret": "<text>",
        "latest_charge": "<ch>",
        "last_payment_error": {"message": "Charge <ch> of <create.id> in <run>"},
        "payment_method_types": "<list>",
        "review": None,
        "amount": 1999,
    }


def test_an_undocumented_call_is_compared_by_its_status_only() -> None:
    step = Step("page", "GET", "/v1/payment_pages/1", {}, is_documented=False)
    result = Result("run-1", {"page": Answer(200, {"any": "thing"})})
    assert normalised(step, result) == {"status": 200}


def test_forms_are_in_stripes_notation() -> None:
    form = {"a": [{"b": 1}, {"c": True}], "d": {"e": "f"}}
    assert encode(form) == [("a[0][b]", "1"), ("a[1][c]", "true"), ("d[e]", "f")]


def outcome_of(local_stripe: LocalStripe, step: Step, **answer: Any) -> Any:
    """The outcome of a scenario with one step, for which the file has this answer."""
    expected = Expected({"One": {step.name: {"source": "documentation", **answer}}})
    with Api(local_stripe.address, LOCAL_KEYS) as local:
        (outcome,) = check([scenario("One", step)], local=local, stripe=None, expected=expected)
    return outcome


def test_a_call_that_the_local_stripe_lacks_is_no_difference(local_stripe: LocalStripe) -> None:
    outcome = outcome_of(local_stripe, get("read", "/v1/customers"), status=200)
    assert outcome.verdict == LACKS
    assert "does not implement it yet" in "".join(details([outcome]))
    assert summary([outcome]) == "0 same, 1 local Stripe lacks"


def test_an_event_that_does_not_come_is_named(
    local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.contract.run.EVENT_SECONDS", 0)
    outcome = outcome_of(local_stripe, event("event", "refund.created", "re_none"), status=200)
    assert outcome.verdict == DIFFERS
    assert "event: status: Stripe 200, local Stripe 0" in details([outcome])[2]


def test_no_answer_is_named(local_stripe: LocalStripe) -> None:
    local_stripe.fail(drop="before")
    outcome = outcome_of(local_stripe, get("list", "/v1/coupons"), status=200)
    assert "list: status: Stripe 200, local Stripe 0" in details([outcome])[2]


def test_the_file_is_json_that_a_diff_can_show(tmp_path: Any) -> None:
    file = tmp_path / "answers.json"
    Expected({"b": {"x": {"source": "documentation", "status": 200}}, "a": {}}).write(file)
    assert list(json.loads(file.read_text())) == ["a", "b"]
    assert Expected.read(tmp_path / "none.json").answers == {}
