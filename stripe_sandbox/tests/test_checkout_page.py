import re

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import (
    create,
    line,
    percent_coupon,
    product,
    tax_rate,
    taxed,
)


def test_shows_the_line_items(local_stripe: LocalStripe) -> None:
    session = create(
        line_items=[line(quantity=3), line(unit_amount=100)], cancel_url="https://shop.example/7"
    )
    page = local_stripe.http.get(str(session.url)).text
    assert "no money moves" in page
    assert "$59.97" in page
    assert "Quantity 3" in page
    assert '<button type="submit">Pay $60.97</button>' in page
    assert 'href="https://shop.example/7"' in page


def test_shows_discount_taxes_and_total(local_stripe: LocalStripe) -> None:
    rates = [tax_rate(8.5, display_name="Sales tax"), tax_rate(25, inclusive=True)]
    session = create(
        line_items=[taxed(*rates, unit_amount=1000, quantity=2), line(unit_amount=500)],
        discounts=[{"coupon": percent_coupon(20, name="SPRING")}],
    )
    page = local_stripe.http.get(str(session.url)).text
    shown = re.findall(r'(?:id|class)="(\w+)" data-amount="(\d+)"[^>]*>([^<]*)<', page)
    assert shown == [
        ("amount", "2000", "$20.00"),
        ("amount", "500", "$5.00"),
        ("subtotal", "2500", "$25.00"),
        ("discount", "500", "-$5.00"),
        ("tax", "109", "$1.09"),
        ("tax", "320", "$3.20"),
        ("total", "2109", "$21.09"),
    ]
    assert session.amount_total == 2109
    assert "Discount: SPRING" in page
    assert "Sales tax (8.5%)<" in page
    assert "VAT (25% incl.)<" in page


def test_shows_no_discount_without_one(local_stripe: LocalStripe) -> None:
    page = local_stripe.http.get(str(create().url)).text
    assert 'id="discount"' not in page
    assert 'class="tax"' not in page


def test_escapes_what_the_shop_sent(local_stripe: LocalStripe) -> None:
    session = create(line_items=[product(name="<script>alert(1)</script>")])
    assert "<script" not in local_stripe.http.get(str(session.url)).text


def test_good_card_pays(local_stripe: LocalStripe) -> None:
    session = create(payment_intent_data={"metadata": {"order": "7"}})
    answer = local_stripe.pay(session, email="ada@example.com")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"https://shop.example/return?session_id={session.id}"
    paid = stripe.checkout.Session.retrieve(session.id, expand=["payment_intent.latest_charge"])
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details is not None
    assert paid.customer_details.email == "ada@example.com"
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert (paid.payment_intent.status, paid.payment_intent.amount_received) == ("succeeded", 1999)
    assert paid.payment_intent.metadata["order"] == "7"
    assert isinstance(paid.payment_intent.latest_charge, stripe.Charge)
    assert paid.payment_intent.latest_charge.paid is True


def test_intent_can_be_read(local_stripe: LocalStripe) -> None:
    session = create()
    local_stripe.pay(session)
    paid = stripe.checkout.Session.retrieve(session.id)
    intent = stripe.PaymentIntent.retrieve(str(paid.payment_intent))
    assert (intent.amount, intent.currency) == (1999, "usd")


@pytest.mark.parametrize(
    ("card", "message"),
    [
        ("4000 0000 0000 0002", "Your card was declined."),
        ("4000 0000 0000 9995", "Your card has insufficient funds."),
    ],
)
def test_bad_card_is_declined(local_stripe: LocalStripe, card: str, message: str) -> None:
    session = create()
    answer = local_stripe.pay(session, email="ada@example.com", card=card)
    assert answer.status_code == 402
    assert message in answer.text
    assert 'value="ada@example.com"' in answer.text
    assert stripe.checkout.Session.retrieve(session.id).status == "open"


def test_good_card_pays_after_a_bad_one(local_stripe: LocalStripe) -> None:
    session = create()
    local_stripe.pay(session, card="4000000000000002")
    assert local_stripe.pay(session).status_code == 303


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"card": "4111 1111 1111 1111"}, "The local Stripe accepts these cards"),
        ({"card": " "}, "Enter a card number."),
        ({"email": "ada"}, "Enter an e-mail address"),
    ],
)
def test_shows_the_error_of_the_form(
    local_stripe: LocalStripe, typed: dict[str, str], message: str
) -> None:
    answer = local_stripe.pay(create(), **typed)
    assert answer.status_code == 422
    assert message in answer.text


def test_keeps_the_email_that_the_shop_gave(local_stripe: LocalStripe) -> None:
    session = create(customer_email="ada@example.com")
    assert 'value="ada@example.com"' in local_stripe.http.get(str(session.url)).text
    local_stripe.pay(session, email="eve@example.com")
    paid = stripe.checkout.Session.retrieve(session.id)
    assert paid.customer_details is not None
    assert paid.customer_details.email == "ada@example.com"


def test_free_session_asks_for_no_card(local_stripe: LocalStripe) -> None:
    session = create(line_items=[line(unit_amount=0)])
    page = local_stripe.http.get(str(session.url)).text
    assert 'name="card"' not in page
    assert "Complete order" in page
    assert local_stripe.pay(session, card="").status_code == 303
    done = stripe.checkout.Session.retrieve(session.id)
    assert (done.status, done.payment_status) == ("complete", "no_payment_required")
    assert done.payment_intent is None


def test_encoded_placeholder_is_left_alone(local_stripe: LocalStripe) -> None:
    session = create(success_url="https://shop.example/?id=%7BCHECKOUT_SESSION_ID%7D")
    answer = local_stripe.pay(session)
    assert answer.headers["Location"] == "https://shop.example/?id=%7BCHECKOUT_SESSION_ID%7D"


def test_second_click_does_not_pay_again(local_stripe: LocalStripe) -> None:
    session = create()
    first, second = local_stripe.pay(session), local_stripe.pay(session)
    assert second.status_code == 303
    assert second.headers["Location"] == first.headers["Location"]
    assert len(local_stripe.events("checkout.session")) == 1


def test_complete_session_shows_a_message(local_stripe: LocalStripe) -> None:
    session = create()
    local_stripe.pay(session)
    page = local_stripe.http.get(str(session.url))
    assert "This Checkout Session has been completed." in page.text
    assert "<form" not in page.text


def test_expired_session_cannot_be_paid(local_stripe: LocalStripe) -> None:
    session = create()
    address = str(session.url)
    session.expire()
    for answer in (
        local_stripe.http.get(address),
        local_stripe.http.post(
            address, data={"email": "a@example.com", "card": "4242424242424242"}
        ),
    ):
        assert answer.status_code == 410
        assert "This Checkout Session has expired." in answer.text
    assert stripe.checkout.Session.retrieve(session.id).payment_status == "unpaid"


def test_unknown_session_is_404(local_stripe: LocalStripe) -> None:
    assert local_stripe.http.get("/c/pay/cs_test_nothing").status_code == 404


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [
        ("eur", 123_450, "€1,234.50"),
        ("jpy", 500, "¥500"),
        ("isk", 150_000, "ISK 1,500"),
        ("kwd", 1_230, "KWD 1.230"),
    ],
)
def test_shows_the_amount_in_its_currency(
    local_stripe: LocalStripe, currency: str, amount: int, shown: str
) -> None:
    session = create(line_items=[line(currency=currency, unit_amount=amount)])
    assert f"Pay {shown}</button>" in local_stripe.http.get(str(session.url)).text
