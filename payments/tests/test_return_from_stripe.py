"""GET /order/<token>/return: where Stripe sends the buyer after the payment."""

from typing import Any

import pytest
from django.test import Client

from cart.models import Order
from payments.models import Payment
from store.models import Item
from tests.support.answers import NOWHERE
from tests.support.local_stripe import LocalStripe


@pytest.fixture
def payment(client: Client, item: Item, local_stripe: LocalStripe) -> Payment:
    client.get(f"/buy/{item.pk}")
    return Payment.objects.get()


def come_back(payment: Payment) -> Any:
    """Come back in another browser, which has no cookie of the shop."""
    return Client().get(f"/order/{payment.order.token}/return")


def test_settles_and_leads_to_the_receipt(payment: Payment, local_stripe: LocalStripe) -> None:
    local_stripe.pay(payment.stripe_id)
    answer = come_back(payment)
    assert (answer.status_code, answer["Location"]) == (303, f"/order/{payment.order.token}")
    assert Order.objects.get().state == "paid"


def test_changes_nothing_if_the_order_is_not_paid(payment: Payment) -> None:
    come_back(payment)
    assert Order.objects.get().state == "checkout"


def test_redirects_also_if_stripe_does_not_answer(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.api_base", "http://127.0.0.1:9")
    monkeypatch.setattr("stripe.max_network_retries", 0)
    assert come_back(payment).status_code == 303


def test_unknown_order_is_404(client: Client, db: None) -> None:
    assert client.get("/order/guess/return").status_code == 404


def test_rejects_post(payment: Payment, client: Client) -> None:
    assert client.post(f"/order/{payment.order.token}/return").status_code == 405


def test_leads_back_to_the_item_after_the_bank_refused(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    """After a failed 3-D Secure page, for example: the intent is still open."""
    client.post(f"/buy/{item.pk}/intent")
    payment = Payment.objects.get()
    query = f"payment_intent={payment.stripe_id}&redirect_status=failed"
    answer = Client().get(f"/order/{payment.order.token}/return?{query}")
    assert answer["Location"] == f"/item/{item.pk}?payment=failed"
    assert "did not go through" in client.get(answer["Location"]).content.decode()
    local_stripe.pay_intent(payment.stripe_id)
    answer = Client().get(f"/order/{payment.order.token}/return?{query}")
    assert answer["Location"] == f"/order/{payment.order.token}"


@pytest.mark.django_db(transaction=True)
def test_never_leads_back_to_pay_if_stripe_can_not_be_asked(
    client: Client, item: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(f"/buy/{item.pk}/intent")
    payment = Payment.objects.get()
    local_stripe.pay_intent(payment.stripe_id)
    monkeypatch.setattr("stripe.api_base", NOWHERE)
    monkeypatch.setattr("stripe.max_network_retries", 0)
    receipt = f"/order/{payment.order.token}"
    answer = Client().get(f"{receipt}/return?payment_intent=pi_1&redirect_status=succeeded")
    assert answer["Location"] == receipt


@pytest.mark.django_db(transaction=True)
def test_repeated_returns_are_rate_limited(
    client: Client, item: Item, local_stripe: LocalStripe, settings: Any
) -> None:
    client.get(f"/buy/{item.pk}")
    settings.BUY_RATE_LIMIT = 3
    before = len(local_stripe.all_requests())
    for _ in range(6):
        answer = Client().get(f"/order/{Order.objects.get().token}/return")
        assert answer.status_code == 303
    assert len(local_stripe.all_requests()) - before <= 3
