from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, refusal, tax_rate, taxed

pytestmark = pytest.mark.usefixtures("local_stripe")


def refused(**params: Any) -> stripe.InvalidRequestError:
    wanted: dict[str, Any] = {"display_name": "VAT", "percentage": 20, "inclusive": False}
    given = {name: value for name, value in (wanted | params).items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.TaxRate.create(**given)
    return caught.value


def test_has_the_parameters_of_its_creation() -> None:
    made = stripe.TaxRate.create(
        display_name="VAT",
        percentage=8.6251,
        inclusive=True,
        country="DE",
        description="Reduced",
        jurisdiction="DE",
        tax_type="vat",
        metadata={"row": "7"},
    )
    found = stripe.TaxRate.retrieve(made.id)
    assert found.id.startswith("txr_")
    assert (found.display_name, found.percentage, found.inclusive) == ("VAT", 8.6251, True)
    assert (found.country, found.jurisdiction, found.tax_type) == ("DE", "DE", "vat")
    assert (found.description, found.active, found.livemode) == ("Reduced", True, False)
    assert found.metadata is not None
    assert found.metadata["row"] == "7"


@pytest.mark.parametrize("percentage", [0, 100, 0.0001])
def test_takes_any_percentage(percentage: float) -> None:
    assert stripe.TaxRate.retrieve(tax_rate(percentage)).percentage == percentage


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"display_name": None}, "Missing required param: display_name."),
        ({"percentage": None}, "Missing required param: percentage."),
        ({"inclusive": None}, "Missing required param: inclusive."),
        ({"inclusive": "yes"}, "Invalid boolean: yes"),
        ({"percentage": -1}, "greater than or equal to 0"),
        ({"percentage": 100.01}, "less than or equal to 100"),
        ({"percentage": 8.62501}, "must contain at maximum 4 decimal places"),
        ({"display_name": "x" * 51}, "must be at most 50 characters"),
        ({"jurisdiction": "x" * 51}, "must be at most 50 characters"),
        ({"display_name": ""}, "You passed an empty string for 'display_name'"),
        ({"country": "Germany"}, "Country 'Germany' is unknown"),
        ({"country": "XX"}, "Country 'XX' is unknown"),
        ({"tax_type": "toll"}, "Invalid tax_type"),
        ({"metadata": {"k" * 41: "v"}}, "up to 40 characters"),
        ({"colour": "red"}, "Received unknown parameter: colour"),
    ],
)
def test_refuses_what_stripe_refuses(params: dict[str, Any], message: str) -> None:
    assert message in str(refused(**params))


def test_changes_everything_else() -> None:
    rate = tax_rate(20, metadata={"a": "1"})
    changed = stripe.TaxRate.modify(
        rate, active=False, display_name="MwSt", description="Old", metadata={"b": "2"}
    )
    assert (changed.active, changed.display_name, changed.description) == (False, "MwSt", "Old")
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"a": "1", "b": "2"}
    assert changed.percentage == 20


def test_changes_all_or_nothing() -> None:
    rate = tax_rate(20)
    with pytest.raises(stripe.InvalidRequestError):
        stripe.TaxRate.modify(rate, display_name="MwSt", country="XX")
    assert stripe.TaxRate.retrieve(rate).display_name == "VAT"


@pytest.mark.parametrize("name", ["percentage", "inclusive"])
def test_never_changes_percentage_or_inclusive(name: str) -> None:
    rate, changes = tax_rate(20), dict[str, Any]({name: 10})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.TaxRate.modify(rate, **changes)
    assert (caught.value.code, caught.value.param) == ("parameter_unknown", name)


def test_is_never_deleted(local_stripe: LocalStripe) -> None:
    key = {"Authorization": "Bearer sk_test_main"}
    answer = local_stripe.http.delete(f"/v1/tax_rates/{tax_rate(20)}", headers=key)
    assert answer.status_code == 404


def test_belongs_to_its_account() -> None:
    rate = tax_rate(20, api_key="sk_test_other")
    with pytest.raises(stripe.InvalidRequestError, match="No such tax rate") as caught:
        stripe.TaxRate.retrieve(rate)
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    assert refusal(line_items=[taxed(rate)]).code == "resource_missing"


def test_lists_by_active_and_inclusive() -> None:
    added, contained, archived = tax_rate(20), tax_rate(20, inclusive=True), tax_rate(7)
    stripe.TaxRate.modify(archived, active=False)
    assert [each.id for each in stripe.TaxRate.list().data] == [archived, contained, added]
    assert [each.id for each in stripe.TaxRate.list(active=False).data] == [archived]
    assert [each.id for each in stripe.TaxRate.list(inclusive=True).data] == [contained]


def test_refuses_unsupported_list_parameters() -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not implement `created`"):
        stripe.TaxRate.list(created=1)


def test_idempotency_key_makes_one() -> None:
    first, second = (tax_rate(20, idempotency_key="vat") for _ in range(2))
    assert first == second


def test_refuses_an_archived_rate_for_a_new_session() -> None:
    rate = tax_rate(20)
    session = create(line_items=[taxed(rate)])
    stripe.TaxRate.modify(rate, active=False)
    error = refusal(line_items=[taxed(rate)])
    assert error.param == "line_items[0][tax_rates][0]"
    assert "is inactive" in str(error)
    assert stripe.checkout.Session.retrieve(session.id).amount_total == session.amount_total


def test_refuses_eleven_rates_on_a_line() -> None:
    error = refusal(line_items=[taxed(*(tax_rate(number) for number in range(11)))])
    assert "exceeded maximum 10" in str(error)


def test_refuses_a_rate_twice_on_a_line() -> None:
    rate = tax_rate(20)
    assert "given twice" in str(refusal(line_items=[taxed(rate, rate)]))
