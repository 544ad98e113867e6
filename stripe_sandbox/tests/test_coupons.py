import time
from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import (
    create,
    fixed_coupon,
    line,
    minutes_from_now,
    percent_coupon,
    refusal,
)

pytestmark = pytest.mark.usefixtures("local_stripe")

A_YEAR = 365 * 24 * 60


def refused(**params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.Coupon.create(**params)
    return caught.value


def test_takes_a_percentage() -> None:
    coupon = stripe.Coupon.create(percent_off=12.5, name="Spring", metadata={"code": "SPRING"})
    assert (coupon.percent_off, coupon.amount_off, coupon.currency) == (12.5, None, None)
    assert (coupon.duration, coupon.times_redeemed, coupon.valid) == ("once", 0, True)
    assert (coupon.name, coupon.livemode) == ("Spring", False)
    assert coupon.metadata is not None
    assert coupon.metadata["code"] == "SPRING"


def test_takes_an_amount() -> None:
    coupon = stripe.Coupon.create(amount_off=500, currency="usd")
    assert (coupon.amount_off, coupon.currency, coupon.percent_off) == (500, "usd", None)


@pytest.mark.parametrize("coupon_id", ["SPRING-10", "ÄPFEL-10%", "a/b", "x" * 5000])
def test_accepts_an_own_id(coupon_id: str) -> None:
    percent_coupon(10, id=coupon_id)
    assert stripe.Coupon.retrieve(coupon_id).percent_off == 10


def test_refuses_an_id_that_is_taken() -> None:
    percent_coupon(10, id="SPRING")
    error = refused(percent_off=20, id="SPRING")
    assert (error.code, error.http_status) == ("resource_already_exists", 400)
    assert "Coupon already exists." in str(error)
    assert stripe.Coupon.retrieve("SPRING").percent_off == 10


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "Must provide percent_off or amount_off."),
        ({"percent_off": 5, "amount_off": 5, "currency": "usd"}, "Please pass in only one."),
        ({"amount_off": 5}, "You must pass currency when passing amount_off"),
        ({"percent_off": 5, "currency": "usd"}, "You must pass amount_off when passing currency"),
        ({"percent_off": 0}, "greater than or equal to 0.01 (it currently is '0')"),
        ({"percent_off": 100.5}, "less than or equal to 100"),
        ({"percent_off": 33.333}, "must contain at maximum two decimal places"),
        ({"amount_off": 0, "currency": "usd"}, "Invalid positive integer"),
        ({"amount_off": 1.5, "currency": "usd"}, "Invalid integer: 1.5"),
        ({"amount_off": 5, "currency": "xyz"}, "Invalid currency: xyz"),
        ({"percent_off": 5, "max_redemptions": 0}, "Invalid positive integer"),
        ({"percent_off": 5, "name": "x" * 41}, "must be at most 40 characters"),
        ({"percent_off": 5, "id": "x" * 5001}, "must be at most 5000 characters"),
        ({"percent_off": 5, "name": ""}, "You passed an empty string for 'name'"),
        ({"percent_off": 5, "metadata": {"k": "v" * 501}}, "up to 500 characters"),
        ({"percent_off": 5, "redeem_by": minutes_from_now(-1)}, "must be in the future"),
        ({"percent_off": 5, "redeem_by": minutes_from_now(6 * A_YEAR)}, "5 years from now"),
        ({"percent_off": 5, "colour": "red"}, "Received unknown parameter: colour"),
    ],
)
def test_refuses_what_stripe_refuses(params: dict[str, Any], message: str) -> None:
    assert message in str(refused(**params))


@pytest.mark.parametrize(
    "params",
    [
        {"duration": "repeating", "duration_in_months": 3},
        {"applies_to": {"products": ["prod_1"]}},
        {"currency_options": {"eur": {"amount_off": 5}}},
    ],
)
def test_refuses_unsupported_parameters(params: dict[str, Any]) -> None:
    assert "The local Stripe does not implement" in str(refused(percent_off=5, **params))


def test_changes_its_name_and_metadata() -> None:
    coupon = percent_coupon(10, metadata={"a": "1", "b": "2"})
    changed = stripe.Coupon.modify(coupon, name="Spring", metadata={"a": "", "c": "3"})
    assert changed.name == "Spring"
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    emptied = stripe.Coupon.modify(coupon, metadata="").metadata
    assert emptied is not None
    assert emptied.to_dict() == {}


@pytest.mark.parametrize("name", ["percent_off", "amount_off", "currency", "redeem_by"])
def test_never_changes_its_value(name: str) -> None:
    coupon, changes = percent_coupon(10), dict[str, Any]({name: 20})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.Coupon.modify(coupon, **changes)
    assert caught.value.code == "parameter_unknown"


def test_deleted_coupon_is_404() -> None:
    coupon = percent_coupon(10, id="SPRING")
    assert stripe.Coupon.retrieve(coupon).delete().deleted is True
    with pytest.raises(stripe.InvalidRequestError, match="No such coupon: 'SPRING'") as caught:
        stripe.Coupon.retrieve(coupon)
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    assert refusal(discounts=[{"coupon": coupon}]).code == "resource_missing"
    assert percent_coupon(20, id="SPRING") == "SPRING"


def test_belongs_to_its_account() -> None:
    coupon = percent_coupon(10, id="SPRING")
    with pytest.raises(stripe.InvalidRequestError, match="No such coupon"):
        stripe.Coupon.retrieve(coupon, api_key="sk_test_other")
    assert percent_coupon(20, id="SPRING", api_key="sk_test_other") == "SPRING"
    assert stripe.Coupon.retrieve(coupon).percent_off == 10


def test_lists_the_newest_first() -> None:
    made = [percent_coupon(number) for number in range(1, 13)]
    first = stripe.Coupon.list()
    assert first.has_more is True
    assert [each.id for each in first.auto_paging_iter()] == made[::-1]


def test_idempotency_key_makes_one() -> None:
    first, second = (percent_coupon(10, idempotency_key="spring") for _ in range(2))
    assert first == second
    assert len(stripe.Coupon.list().data) == 1


def test_session_names_its_coupon() -> None:
    coupon = percent_coupon(10, name="Spring")
    session = create(discounts=[{"coupon": coupon}], expand=["discounts.coupon"])
    assert session.discounts is not None
    assert isinstance(session.discounts[0].coupon, stripe.Coupon)
    assert session.discounts[0].coupon.name == "Spring"
    assert session.discounts[0].promotion_code is None


def test_session_keeps_a_coupon_that_is_deleted() -> None:
    coupon = percent_coupon(10)
    session = create(discounts=[{"coupon": coupon}])
    stripe.Coupon.retrieve(coupon).delete()
    found = stripe.checkout.Session.retrieve(session.id, expand=["discounts.coupon"])
    assert found.amount_total == session.amount_total
    assert found.discounts is not None
    assert isinstance(found.discounts[0].coupon, stripe.Coupon)


def test_refuses_a_coupon_of_another_account() -> None:
    coupon = percent_coupon(10, api_key="sk_test_other")
    error = refusal(discounts=[{"coupon": coupon}])
    assert (error.code, error.param) == ("resource_missing", "discounts[0][coupon]")


def test_refuses_an_amount_in_another_currency() -> None:
    error = refusal(discounts=[{"coupon": fixed_coupon(500)}], line_items=[line(currency="eur")])
    assert error.param == "discounts[0][coupon]"
    assert "(usd) does not match" in str(error)


def test_takes_a_percentage_in_any_currency() -> None:
    coupon = percent_coupon(10)
    session = create(discounts=[{"coupon": coupon}], line_items=[line(currency="jpy")])
    assert session.amount_total == 1799


def test_refuses_an_expired_coupon(local_stripe: LocalStripe) -> None:
    coupon = percent_coupon(10, redeem_by=int(time.time()) + 60)
    create(discounts=[{"coupon": coupon}])
    local_stripe.configure(clock_ahead=120)
    error = refusal(discounts=[{"coupon": coupon}])
    assert (error.code, error.param) == ("coupon_expired", "discounts[0][coupon]")
    assert stripe.Coupon.retrieve(coupon).valid is False


def test_refuses_a_coupon_that_is_used_up(local_stripe: LocalStripe) -> None:
    coupon = percent_coupon(10, max_redemptions=1)
    session = create(discounts=[{"coupon": coupon}])
    assert stripe.Coupon.retrieve(coupon).times_redeemed == 0
    local_stripe.pay(session)
    used = stripe.Coupon.retrieve(coupon)
    assert (used.times_redeemed, used.valid) == (1, False)
    assert "is used up" in str(refusal(discounts=[{"coupon": coupon}]))


def test_promotion_codes_are_not_implemented() -> None:
    error = refusal(discounts=[{"promotion_code": "promo_1"}])
    assert "does not implement `discounts[0][promotion_code]`" in str(error)
