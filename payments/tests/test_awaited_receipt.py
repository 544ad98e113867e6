"""The receipt of an order that waits for a voucher or a bank transfer."""

import re
from typing import Any

import pytest
from django.test import Client

from cart.models import Order
from payments.models import Payment
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again
from tests.support.presses import intent_of_item

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mug(make_item: Any) -> Item:
    made: Item = make_item(stock=1, currency="EUR")
    return made


def confirm_voucher(intent_id: str, local_stripe: LocalStripe) -> Order:
    local_stripe.configure(delayed_seconds=None)
    local_stripe.pay_intent(intent_id, method="multibanco")
    return look_again(Payment.objects.get(stripe_id=intent_id))


def test_a_russian_date_does_not_end_the_sentence(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    order = confirm_voucher(intent_of_item(client, mug), local_stripe)
    answer = client.get(order.get_absolute_url(), headers={"Accept-Language": "ru"})
    page = answer.content.decode()
    assert re.search(r"Оплатите до \d+ \w+ \d{4} г\., \d\d:\d\d UTC\. Когда", page)
