"""Shipping is refunded as a row of its own, once, with its tax."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order
from payments.models import Payment, Refund
from payments.refunds import PiecesRefundedAlready, request_refund
from payments.refunds.proposal import refundable
from tests.support.carts import add_tax
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, notes_of, paid_cart
from tests.support.refund_form import address, filled_form, pieces
from tests.support.shipping import add_rate


@pytest.fixture
def payment(make_item: Any, local_stripe: LocalStripe) -> Payment:
    """Of an order of 10.00 and 20.00, 10 % off, 4.90 shipping, 20 % tax: 38.28."""
    add_rate(490)
    add_tax("20")
    Discount.objects.create(code="TEN", percent=10)
    cup, pot = (make_item(name=name, price=Decimal(price)) for name, price in CATALOGUE.items())
    return paid_cart({cup: 1, pot: 1}, local_stripe, code="TEN")


CATALOGUE = {"Cup": 10, "Pot": 20}
# 4.90 − 0.44 of the discount + 0.89 tax
SHIPPING = 535


def amount_in(page: str) -> str:
    return str(re.findall(r'name="amount" value="([^"]*)"', page)[0])


def refund(payment: Payment, amount: int, **values: Any) -> Refund:
    defaults: dict[str, Any] = {"pieces": {}, "reason": "duplicate", "restock": False, "by": "ada"}
    return request_refund(
        payment=payment, amount=amount, key=uuid4(), at=timezone.now(), **(defaults | values)
    )


def test_pieces_and_shipping_add_up_to_what_was_paid(payment: Payment) -> None:
    left = refundable(payment)
    assert left.shipping_amount == SHIPPING
    assert left.proposal(left.pieces) == 3828 - SHIPPING
    assert left.proposal({}, shipping=True) == SHIPPING
    assert left.proposal(left.pieces, shipping=True) == 3828


def test_is_proposed_and_refunded_on_the_page(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    page = admin_client.get(address(payment)).content.decode()
    assert "<small>Parcel</small>" in page
    assert "$5.35" in page
    sent = filled_form(admin_client, payment, amount="", shipping="on")
    page = admin_client.post(address(payment), sent).content.decode()
    assert amount_in(page) == "5.35"
    assert re.search(r'name="shipping"[^>]* checked', page)
    sent |= {"amount": "5.35"}
    assert admin_client.post(address(payment), sent).status_code == 302
    assert [each["amount"] for each in local_stripe.refunds()] == [SHIPPING]
    assert Refund.objects.get().shipping_amount == SHIPPING
    assert notes_of(payment.order)[0].endswith("$5.35, shipping")
    assert "Parcel" not in admin_client.get(address(payment)).content.decode()


def test_everything_can_be_chosen_at_once(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    page = admin_client.get(address(payment)).content.decode()
    assert 'name="all" value="Choose everything"' in page
    sent = filled_form(admin_client, payment, amount="", all="all")
    page = admin_client.post(address(payment), sent).content.decode()
    assert amount_in(page) == "38.28"
    sent = filled_form(admin_client, payment, amount="38.28", shipping="on")
    admin_client.post(address(payment), sent | pieces(payment, Cup=1, Pot=1))
    assert Order.objects.get().is_refunded


def test_another_choice_after_the_proposal_is_proposed_again(
    admin_client: Client, payment: Payment
) -> None:
    sent = filled_form(admin_client, payment, amount="", shipping="on")
    page = admin_client.post(address(payment), sent).content.decode()
    proposed = re.findall(r'name="proposed" value="([^"]*)"', page)[0]
    sent |= {"amount": "5.35", "proposed": proposed} | pieces(payment, Cup=1)
    page = admin_client.post(address(payment), sent).content.decode()
    assert amount_in(page) == "16.33"
    assert not Refund.objects.exists()


def test_is_not_given_back_for_nothing(admin_client: Client, payment: Payment) -> None:
    sent = filled_form(admin_client, payment, amount="0", shipping="on")
    answer = admin_client.post(address(payment), sent)
    assert answer.status_code == 422
    assert "The amount must be more than zero." in answer.content.decode()


def test_is_refunded_once(payment: Payment, local_stripe: LocalStripe) -> None:
    made = refund(payment, SHIPPING, shipping=True)
    with pytest.raises(PiecesRefundedAlready):
        refund(payment, 100, shipping=True)
    assert refundable(payment).shipping_amount == 0
    local_stripe.finish_refund(made.stripe_id, "failed")
    look_again(payment)
    assert refundable(payment).shipping_amount == SHIPPING


def test_shipping_that_cost_nothing_is_no_row(
    admin_client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    add_rate(0)
    payment = paid_cart({make_item(): 1}, local_stripe)
    page = admin_client.get(address(payment)).content.decode()
    assert 'name="shipping"' not in page
    assert "Choose all pieces" in page


def test_comes_off_first_where_less_was_paid(payment: Payment) -> None:
    """What is left was paid for the lines; at most what was paid is proposed."""
    Order.objects.update(total_amount=500)
    payment.refresh_from_db()
    left = refundable(payment)
    assert (left.shipping_amount, [line.paid_amount for line in left.lines]) == (500, [0, 0])
