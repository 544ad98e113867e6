"""What the refund form keeps, empties and answers."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from payments.models import Payment, Refund
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid
from tests.support.refund_form import address, filled_form, pieces


def test_the_last_of_three_decimals_must_be_0(
    admin_client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    payment = paid(make_item(price="24.08", currency="KWD"), local_stripe)
    answer = admin_client.post(address(payment), filled_form(admin_client, payment, amount="1.234"))
    assert "KWD has 3 decimals, and Stripe requires that the last one is 0." in (
        answer.content.decode()
    )
    admin_client.post(address(payment), filled_form(admin_client, payment, amount="1.230"))
    assert Refund.objects.get().amount == 1230


@pytest.mark.parametrize("has_amount", [True, False])
def test_a_stale_form_with_nothing_left_says_that_nothing_was_done(
    admin_client: Client, payment: Payment, has_amount: bool
) -> None:
    """A form without an amount is that of a payment whose money was refunded before."""
    stale = filled_form(admin_client, payment, **pieces(payment, Mug=1))
    everything = {"amount": "19.99", "key": str(uuid4())}
    admin_client.post(address(payment), stale | everything)
    if not has_amount:
        del stale["amount"]
    answer = admin_client.post(address(payment), stale)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Nothing was done: this payment has changed") == 1
    assert page.index("Nothing was done") < page.index("This payment has no money left")
    assert "This payment has no money left to refund." in page
    back = f'href="/admin/cart/order/{payment.order_id}/change/">Back to the order</a>'
    assert back in page
    assert Refund.objects.count() == 1


def test_choosing_all_pieces_keeps_what_was_typed(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    sent = filled_form(admin_client, payment, amount="3.50", reason="fraudulent", all="all")
    page = admin_client.post(address(payment), sent).content.decode()
    assert 'name="amount" value="3.50"' in page
    assert '<option value="fraudulent" selected>' in page
    assert "checked" not in page
    assert f'value="{sent["key"]}"' in page
    assert re.search(r'name="pieces-\d+" value="1"', page)
    answer = admin_client.post(address(payment), sent | {"amount": "", "restock": "on"})
    page = answer.content.decode()
    assert 'name="amount" value="19.99"' in page
    assert "checked" in page
    assert local_stripe.refunds() == []


def test_without_the_pieces_that_it_was_proposed_for_the_amount_is_empty(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    line = payment.order.lines.get()
    proposed = {"proposed": f"{line.pk}:1=1999", "amount": "19.99"}
    sent = filled_form(admin_client, payment, **pieces(payment, Mug=0), **proposed)
    answer = admin_client.post(address(payment), sent)
    page = answer.content.decode()
    amount = page.split('name="amount"')[1].split(">")[0]
    assert "value=" not in amount
    assert "Proposed for the chosen pieces" not in page
    assert "Leave it empty to see the amount" in page
    answer = admin_client.post(address(payment), sent | {"amount": "", "proposed": ""})
    assert "Enter an amount, or choose pieces." in answer.content.decode()
    assert local_stripe.refunds() == []
