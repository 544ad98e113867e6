"""What the refund form keeps, empties and answers."""

from typing import Any

from django.test import Client

from payments.models import Refund
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid
from tests.support.refund_form import address, filled_form


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
