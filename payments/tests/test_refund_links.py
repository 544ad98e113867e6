"""The links to the refund page on the order's page in the admin."""

import pytest
from django.test import Client

from payments.models import Payment
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again
from tests.support.refund_form import address, filled_form, pieces


def order_page(client: Client, payment: Payment) -> str:
    return client.get(f"/admin/cart/order/{payment.order_id}/change/").content.decode()


@pytest.mark.parametrize("status", ["needs_response", "lost"])
def test_of_a_disputed_payment_only_the_pieces_can_return(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe, status: str
) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    if status == "lost":
        local_stripe.close_dispute(dispute_id, status)
    look_again(payment)
    page = order_page(admin_client, payment)
    assert page.count("Return to stock…</a>") == 2  # at the top, and beside the payment
    assert "Refund…" not in page
    sent = pieces(payment, Mug=1)
    key = filled_form(admin_client, payment)["key"]
    admin_client.post(address(payment), sent | {"key": key})
    assert address(payment) not in order_page(admin_client, payment)


def test_a_payment_that_the_bank_only_asks_about_can_be_refunded(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    local_stripe.dispute(payment.intent_id, is_inquiry=True)
    look_again(payment)
    assert "Refund…</a>" in order_page(admin_client, payment)
