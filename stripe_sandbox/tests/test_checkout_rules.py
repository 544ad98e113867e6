import pytest

from stripe_sandbox.money.currencies import MAX_AMOUNT
from stripe_sandbox.tests.support.sessions import create, line, minutes_from_now, product, refusal

pytestmark = pytest.mark.usefixtures("local_stripe")


def test_refuses_29_minutes() -> None:
    error = refusal(expires_at=minutes_from_now(29))
    assert error.param == "expires_at"
    assert "must be at least 30 minutes from Checkout Session creation." in str(error)


def test_takes_31_minutes() -> None:
    expires_at = minutes_from_now(31)
    assert create(expires_at=expires_at).expires_at == expires_at


def test_refuses_25_hours() -> None:
    error = refusal(expires_at=minutes_from_now(25 * 60))
    assert "must be less than 24 hours from Checkout Session creation." in str(error)


def test_refuses_two_discounts() -> None:
    error = refusal(discounts=[{"coupon": "A"}, {"coupon": "B"}])
    assert error.param == "discounts"
    assert "Array discounts exceeded maximum 1 allowed elements." in str(error)


def test_refuses_a_discount_of_both_kinds() -> None:
    error = refusal(discounts=[{"coupon": "A", "promotion_code": "promo_1"}])
    assert error.code == "parameters_exclusive"


def test_refuses_discounts_with_promotion_codes_even_switched_off() -> None:
    error = refusal(discounts=[{"coupon": "A"}], allow_promotion_codes=False)
    assert "You may only specify one of these parameters: allow_promotion_codes, discounts." in str(
        error
    )


def test_refuses_an_unknown_coupon() -> None:
    error = refusal(discounts=[{"coupon": "SPRING"}])
    assert error.code == "resource_missing"
    assert "No such coupon: 'SPRING'" in str(error)


def test_refuses_an_unknown_tax_rate() -> None:
    error = refusal(line_items=[line() | {"tax_rates": ["txr_1"]}])
    assert error.code == "resource_missing"
    assert "No such tax rate: 'txr_1'" in str(error)


def test_takes_100_lines() -> None:
    assert create(line_items=[line()] * 100).amount_total == 199_900


def test_refuses_101_lines() -> None:
    assert "exceeded maximum 100" in str(refusal(line_items=[line()] * 101))


def test_refuses_quantity_zero() -> None:
    error = refusal(line_items=[line(quantity=0)])
    assert error.param == "line_items[0][quantity]"
    assert "greater than or equal to 1" in str(error)


def test_refuses_a_line_without_a_quantity() -> None:
    assert "Quantity is required" in str(refusal(line_items=[line(quantity=None)]))


def test_refuses_two_kinds_of_amount() -> None:
    error = refusal(line_items=[line(unit_amount_decimal="1999")])
    assert error.code == "parameters_exclusive"


def test_refuses_a_line_without_an_amount() -> None:
    assert refusal(line_items=[line(unit_amount=None)]).code == "parameter_missing"


def test_refuses_a_recurring_price() -> None:
    error = refusal(line_items=[line(recurring={"interval": "month"})])
    assert "passed a recurring price" in str(error)


@pytest.mark.parametrize("currency", ["USD", "xyz", "bitcoin"])
def test_refuses_an_unknown_currency(currency: str) -> None:
    error = refusal(line_items=[line(currency=currency)])
    assert error.param == "line_items[0][price_data][currency]"


def test_refuses_two_currencies() -> None:
    assert "same currency" in str(refusal(line_items=[line(), line(currency="eur")]))


@pytest.mark.parametrize(
    ("currency", "amount", "least"),
    [("usd", 49, "$0.50 usd"), ("jpy", 49, "¥50 jpy"), ("nok", 299, "NOK 3.00 nok")],
)
def test_refuses_a_total_below_the_minimum(currency: str, amount: int, least: str) -> None:
    error = refusal(line_items=[line(currency=currency, unit_amount=amount)])
    assert error.code == "amount_too_small"
    assert f"total amount due must add up to at least {least}" in str(error)


def test_refuses_a_total_that_is_too_small_after_conversion() -> None:
    error = refusal(line_items=[line(currency="ugx", unit_amount=100)])
    assert error.code == "amount_too_small"
    assert str(error.user_message) == (
        "The Checkout Session's total amount must convert to at least 50 cents. 1.00 USh converts "
        "to approximately $0.00."
    )
    create(line_items=[line(currency="ugx", unit_amount=500_000)])


def test_refuses_a_total_of_nine_digits() -> None:
    create(line_items=[line(unit_amount=MAX_AMOUNT)])
    error = refusal(line_items=[line(unit_amount=MAX_AMOUNT + 1)])
    assert error.code == "amount_too_large"


@pytest.mark.parametrize(
    ("currency", "amount", "message"),
    [
        (
            "ugx",
            150_050,
            "Invalid amount. Currency UGX has become effectively zero-decimal and charged amounts "
            "must be evenly divisible by 100.",
        ),
        ("kwd", 1_231, "Invalid integer: 1231. Amounts in kwd must be a multiple of 10."),
    ],
)
def test_refuses_amounts_between_two_steps(currency: str, amount: int, message: str) -> None:
    error = refusal(line_items=[line(currency=currency, unit_amount=amount)])
    assert error.code == "parameter_invalid_integer"
    assert str(error.user_message) == message


@pytest.mark.parametrize("url", ["/return", "shop.example/return", "ftp://shop.example/"])
@pytest.mark.parametrize("name", ["success_url", "cancel_url"])
def test_refuses_a_relative_url(name: str, url: str) -> None:
    error = refusal(**{name: url})
    assert (error.code, error.param) == ("url_invalid", name)


@pytest.mark.parametrize(
    "url", ["/media/mug.webp", "http://localhost:8000/mug.webp", "http://127.0.0.1/mug.webp"]
)
def test_refuses_an_image_without_a_public_address(url: str) -> None:
    assert refusal(line_items=[product(images=[url])]).code == "url_invalid"


def test_refuses_nine_images() -> None:
    images = [f"https://shop.example/{number}.webp" for number in range(9)]
    assert "exceeded maximum 8" in str(refusal(line_items=[product(images=images)]))


@pytest.mark.parametrize(
    ("changes", "longest"),
    [
        ({"client_reference_id": "x" * 201}, 200),
        ({"line_items": [product(name="x" * 5001)]}, 5000),
        ({"line_items": [product(description="x" * 40001)]}, 40000),
        ({"payment_intent_data": {"statement_descriptor": "x" * 23}}, 22),
    ],
)
def test_refuses_a_text_that_is_too_long(changes: dict[str, object], longest: int) -> None:
    assert f"must be at most {longest} characters" in str(refusal(**changes))


@pytest.mark.parametrize(
    "metadata",
    [{"k" * 41: "v"}, {"k": "v" * 501}, {f"k{number}": "v" for number in range(51)}],
)
def test_refuses_too_much_metadata(metadata: dict[str, str]) -> None:
    assert "metadata" in str(refusal(metadata=metadata)).lower()


def test_checks_the_metadata_of_the_payment_too() -> None:
    error = refusal(payment_intent_data={"metadata": {"k": "v" * 501}})
    assert error.param == "payment_intent_data[metadata]"


def test_refuses_an_invalid_email_address() -> None:
    assert refusal(customer_email="buyer").code == "email_invalid"


def test_says_that_isk_and_ugx_have_no_decimals() -> None:
    error = refusal(line_items=[line(currency="ugx", unit_amount=100_050)])
    assert "Currency UGX has become effectively zero-decimal" in str(error)
    assert "must be evenly divisible by 100." in str(error)


def test_refuses_a_line_between_two_steps_in_a_total_that_is_none() -> None:
    lines = [line(currency="kwd", unit_amount=each) for each in (1_231, 1_239)]
    assert refusal(line_items=lines).param == "line_items[0][price_data]"
