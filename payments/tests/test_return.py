from typing import Any

import pytest
from django.test import Client

from cart.models import Order
from payments.models import Payment
from store.models import Item
from tests.support.local_stripe import LocalStripe


@pytest.fixture
def payment(client: Client, item: Item, local_stripe: LocalStripe) -> Payment:
    client.get(f"/buy/{item.pk}")
    return Payment.objects.get()


def come_back(payment: Payment) -> Any:
    """In another browser: the address alone must do."""
    return Client().get(f"/order/{payment.order.token}/return")


def test_settles_and_leads_to_the_receipt(payment: Payment, local_stripe: LocalStripe) -> None:
    local_stripe.pay(payment.stripe_id)
    answer = come_back(payment)
    assert (answer.status_code, answer["Location"]) == (303, f"/order/{payment.order.token}")
    assert Order.objects.get().state == "paid"


def test_coming_back_unpaid_changes_nothing(payment: Payment) -> None:
    come_back(payment)
    assert Order.objects.get().state == "checkout"


def test_a_stripe_that_does_not_answer_is_no_error_page(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.api_base", "http://127.0.0.1:9")
    monkeypatch.setattr("stripe.max_network_retries", 0)
    assert come_back(payment).status_code == 303


def test_unknown_order_is_404(client: Client, db: None) -> None:
    assert client.get("/order/guess/return").status_code == 404


def test_rejects_post(payment: Payment, client: Client) -> None:
    assert client.post(f"/order/{payment.order.token}/return").status_code == 405


def test_a_payment_that_the_bank_refused_leads_back_to_try_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    """As after a failed 3-D Secure page: nothing is final, the intent is still open."""
    client.post(f"/buy/{item.pk}/intent")
    payment = Payment.objects.get()
    query = f"payment_intent={payment.stripe_id}&redirect_status=failed"
    answer = Client().get(f"/order/{payment.order.token}/return?{query}")
    assert answer["Location"] == f"/item/{item.pk}?payment=failed"
    assert "did not go through" in client.get(answer["Location"]).content.decode()
    local_stripe.pay_intent(payment.stripe_id)
    answer = Client().get(f"/order/{payment.order.token}/return?{query}")
    assert answer["Location"] == f"/order/{payment.order.token}"
