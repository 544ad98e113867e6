"""payments.money_received: how and until when a voucher or a bank transfer can be paid."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from payments import methods, settlement
from payments.models import MAX_INSTRUCTIONS_URL_LENGTH, Payment
from payments.settlement import Snapshot
from payments.stripe_api.accounts import account_named
from payments.stripe_api.types import Instructions
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE, look_again
from tests.support.presses import intent_of_item

URL = "https://payments.stripe.com/multibanco/"
END = timezone.now().replace(microsecond=0) + timedelta(days=5)

type Confirm = Callable[[str], Payment]


@pytest.fixture
def confirm(client: Client, make_item: Any, local_stripe: LocalStripe) -> Confirm:
    """A function that confirms a payment by this method, which is paid later."""
    local_stripe.configure(delayed_seconds=None)

    def confirm(method: str) -> Payment:
        intent_id = intent_of_item(client, make_item(currency="EUR"))
        local_stripe.pay_intent(intent_id, method=method)
        payment = Payment.objects.get()
        look_again(payment)
        return payment

    return confirm


def show(payment: Payment, instructions: Instructions) -> None:
    """Settle the payment as if Stripe had these instructions for it."""
    found = methods.retrieve(account_named(payment.account), payment)
    snapshot = Snapshot(replace(found, instructions=instructions))
    settlement.apply(payment, snapshot, at=timezone.now(), cause=CAUSE)
    payment.refresh_from_db()


def test_a_new_end_with_the_same_address_is_stored(confirm: Confirm) -> None:
    payment = confirm("multibanco")
    show(payment, Instructions(URL, END))
    assert (payment.instructions_url, payment.expires_at) == (URL, END)
    show(payment, Instructions(URL, END + timedelta(days=1)))
    assert payment.expires_at == END + timedelta(days=1)


def test_the_time_for_a_transfer_does_not_begin_anew(confirm: Confirm) -> None:
    payment = confirm("customer_balance")
    end = payment.expires_at
    for _ in range(2):
        look_again(payment)
        assert payment.expires_at == end


def test_a_new_address_does_not_prolong_a_transfer(confirm: Confirm) -> None:
    payment = confirm("customer_balance")
    end = payment.expires_at
    show(payment, Instructions(URL, None))
    assert (payment.instructions_url, payment.expires_at) == (URL, end)


@pytest.mark.parametrize(("surplus", "is_kept"), [(0, True), (1, False)])
def test_an_address_that_is_longer_than_the_column_is_left_out(
    confirm: Confirm, surplus: int, is_kept: bool
) -> None:
    payment = confirm("multibanco")
    address = URL.ljust(MAX_INSTRUCTIONS_URL_LENGTH + surplus, "a")
    show(payment, Instructions(address, END))
    assert payment.instructions_url == (address if is_kept else "")
    assert (payment.is_awaited, payment.expires_at) == (True, END)
    column = Payment._meta.get_field("instructions_url")
    assert column.max_length == MAX_INSTRUCTIONS_URL_LENGTH
