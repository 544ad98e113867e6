import pytest
import stripe

from stripe_sandbox.http.parameter_types import api_version, parameters
from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, line, product, refusal

pytestmark = pytest.mark.usefixtures("local_stripe")


def test_reads_every_session_parameter_of_the_library() -> None:
    shape = parameters("checkout/_session_create_params", "SessionCreateParams")
    price = shape.fields["line_items"].items[0].fields["price_data"]
    assert "payment_method_types" not in shape.fields
    assert price.required == {"currency"}
    assert price.fields["unit_amount"].kind == "integer"
    assert shape.fields["ui_mode"].choices == ("elements", "embedded_page", "form", "hosted_page")


def test_uses_the_version_of_the_library() -> None:
    assert api_version() == stripe.api_version


def test_refuses_payment_method_types() -> None:
    error = refusal(payment_method_types=["card"])
    assert error.code == "payment_method_types_no_longer_supported"
    assert error.param == "payment_method_types"


def test_refuses_an_unknown_parameter() -> None:
    error = refusal(colour="red")
    assert error.code == "parameter_unknown"
    assert "Received unknown parameter: colour" in str(error)


def test_refuses_a_nested_unknown_parameter() -> None:
    error = refusal(line_items=[line(), line(amount=5)])
    assert error.code == "parameter_unknown"
    assert error.param == "line_items[1][price_data][amount]"


def test_names_all_unknown_parameters() -> None:
    assert "Received unknown parameters: colour, size" in str(refusal(colour="red", size="XL"))


def test_refuses_an_empty_description() -> None:
    error = refusal(line_items=[product(description="")])
    assert error.code == "parameter_invalid_empty"
    assert error.param == "line_items[0][price_data][product_data][description]"
    assert "You passed an empty string for" in str(error)


def test_refuses_a_float_amount() -> None:
    error = refusal(line_items=[line(unit_amount=19.99)])
    assert error.code == "parameter_invalid_integer"
    assert "Invalid integer: 19.99" in str(error)


@pytest.mark.parametrize("amount", ["1e3", "12 ", "０", "0x1", "9" * 30])
def test_refuses_an_invalid_integer(amount: str) -> None:
    assert refusal(line_items=[line(unit_amount=amount)]).code == "parameter_invalid_integer"


def test_refuses_a_negative_amount() -> None:
    error = refusal(line_items=[line(unit_amount=-1)])
    assert error.code == "parameter_invalid_integer"
    assert "Invalid non-negative integer" in str(error)


def test_refuses_an_invalid_boolean() -> None:
    assert "Invalid boolean: yes" in str(refusal(allow_promotion_codes="yes"))


@pytest.mark.parametrize(
    ("name", "value"), [("mode", "paymint"), ("ui_mode", "hosted"), ("locale", "xx")]
)
def test_refuses_a_value_outside_an_enum(name: str, value: str) -> None:
    error = refusal(**{name: value})
    assert error.param == name
    assert f"Invalid {name}: must be one of " in str(error)


@pytest.mark.parametrize("name", ["mode", "success_url", "line_items"])
def test_requires_a_parameter(name: str) -> None:
    error = refusal(**{name: None})
    assert error.code == "parameter_missing"
    assert f"Missing required param: {name}." in str(error)


def test_requires_a_nested_parameter() -> None:
    error = refusal(line_items=[product(name=None, description="350 ml")])
    assert error.code == "parameter_missing"
    assert error.param == "line_items[0][price_data][product_data][name]"


def test_refuses_text_for_an_array() -> None:
    assert "Invalid array" in str(refusal(line_items="mug"))


def test_refuses_text_for_an_object() -> None:
    assert "Invalid object" in str(refusal(payment_intent_data="mug"))


def test_refuses_an_object_for_text() -> None:
    assert "Invalid string" in str(refusal(success_url={"url": "https://shop.example/"}))


def test_accepts_brackets_without_an_index(local_stripe: LocalStripe) -> None:
    session = create()
    answer = local_stripe.http.get(
        f"/v1/checkout/sessions/{session.id}?expand[]=line_items&expand[]=payment_intent",
        headers={"Authorization": "Bearer sk_test_main"},
    )
    assert answer.json()["line_items"]["data"][0]["description"] == "Mug"


def test_refuses_json(local_stripe: LocalStripe) -> None:
    answer = local_stripe.http.post(
        "/v1/checkout/sessions",
        json={"mode": "payment"},
        headers={"Authorization": "Bearer sk_test_main"},
    )
    assert answer.status_code == 400
    assert "application/x-www-form-urlencoded" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "subscription"},
        {"ui_mode": "elements", "success_url": None},
        {"automatic_tax": {"enabled": True}},
        {"allow_promotion_codes": True},
        {"shipping_options": [{"shipping_rate": "shr_1"}]},
        {"payment_intent_data": {"capture_method": "manual"}},
        {"allowed_payment_method_types": ["klarna"]},
    ],
)
def test_refuses_unsupported_parameters(changes: dict[str, object]) -> None:
    assert "The local Stripe does not implement" in str(refusal(**changes))


def test_accepts_parameters_with_default_values() -> None:
    create(
        automatic_tax={"enabled": False},
        allow_promotion_codes=False,
        billing_address_collection="auto",
        allowed_payment_method_types=["card"],
        ui_mode="hosted_page",
    )
