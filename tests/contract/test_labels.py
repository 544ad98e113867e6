"""Everything that a run makes has its label, and nothing of it can be used afterwards."""

from typing import Any

import pytest

from tests.contract.answers import Expected
from tests.contract.api import Api
from tests.contract.check import check
from tests.contract.keys import LOCAL_KEYS
from tests.contract.labels import LABEL, end_leftovers
from tests.contract.run import run_scenario
from tests.contract.scenarios import ALL
from tests.contract.scenarios.forms import INTENTS, SESSIONS, intent, session, tax_rate
from tests.contract.steps import get, post, scenario
from tests.support.local_stripe import LocalStripe


def everything(api: Api, path: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    while True:
        after = {"starting_after": found[-1]["id"]} if found else {}
        page = api.call("GET", path, {"limit": 100, **after}).body
        found += page["data"]
        if not page["has_more"]:
            return found


@pytest.fixture
def api(local_stripe: LocalStripe) -> Any:
    with Api(local_stripe.address, LOCAL_KEYS) as api:
        yield api


def test_a_run_labels_and_ends_all_that_it_makes(api: Api) -> None:
    outcomes = list(check(ALL, local=api, stripe=None, expected=Expected.read()))
    assert [outcome.left_behind for outcome in outcomes if outcome.left_behind] == []
    sessions, intents = everything(api, SESSIONS), everything(api, INTENTS)
    rates, refunds = everything(api, "/v1/tax_rates"), everything(api, "/v1/refunds")
    assert everything(api, "/v1/coupons") == []
    assert {each["active"] for each in rates} == {False}
    assert {each["status"] for each in sessions} == {"expired", "complete"}
    assert {each["status"] for each in intents} == {"canceled", "succeeded"}
    for each in [*sessions, *intents, *rates, *refunds]:
        assert LABEL in each["metadata"], each


def test_labels_the_products_of_a_session(api: Api) -> None:
    made = run_scenario(
        api, scenario("One", post("create", SESSIONS, session(expand=["line_items"]))), "run-1"
    )
    line = made.answers["create"].body["line_items"]["data"][0]
    product = api.call(
        "GET",
        f"{SESSIONS}/{made.answers['create'].body['id']}/line_items",
        {"expand": ["data.price.product"]},
    ).body["data"][0]["price"]["product"]
    assert product["id"] == line["price"]["product"]
    assert product["metadata"] == {LABEL: "run-1"}


def test_the_next_run_ends_what_an_interrupted_one_has_left(api: Api) -> None:
    label = {"metadata": {LABEL: "contract-1"}}
    for path, form in (
        (SESSIONS, session()),
        (INTENTS, intent()),
        ("/v1/coupons", {"percent_off": 10}),
        ("/v1/tax_rates", tax_rate("8")),
    ):
        assert api.call("POST", path, {**form, **label}).status == 200
        assert api.call("POST", path, form).status == 200
    assert end_leftovers(api) == []
    assert [each["status"] for each in everything(api, SESSIONS)] == ["open", "expired"]
    assert [each["status"] for each in everything(api, INTENTS)] == [
        "requires_payment_method",
        "canceled",
    ]
    assert len(everything(api, "/v1/coupons")) == 1
    assert [each["active"] for each in everything(api, "/v1/tax_rates")] == [True, False]


def test_names_what_it_could_not_end(api: Api, local_stripe: LocalStripe) -> None:
    step = post("create", "/v1/coupons", {"id": "$run-STAYS", "percent_off": 10})
    local_stripe.fail(status=500, method="DELETE", path="/v1/coupons/")
    result = run_scenario(api, scenario("One", step), "contract-1")
    assert result.left_behind == ["contract-1-STAYS"]


def test_ends_everything_also_when_a_step_cannot_be_run(api: Api) -> None:
    steps = (
        post("create", INTENTS, intent()),
        get("charge", "/v1/charges/$create.latest_charge"),
        get("never", INTENTS),
    )
    result = run_scenario(api, scenario("One", *steps), "contract-1")
    assert result.stopped == "charge: the answer to `create` has no latest_charge"
    assert list(result.answers) == ["create"]
    assert everything(api, INTENTS)[0]["status"] == "canceled"
