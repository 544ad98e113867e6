"""The refund page in the admin."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cart.models import Order
from payments.models import Payment, Refund
from store.models import Item
from tests.support.answers import NOWHERE
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid, run_at
from tests.support.refund_form import address, filled_form, pieces


def test_the_orders_page_leads_to_the_refund_and_shows_it(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    assert address(payment) in admin_client.get(order_page).content.decode()
    form = admin_client.get(address(payment)).content.decode()
    assert "$19.99 was paid; $19.99 of it can be refunded" in form
    answer = admin_client.post(address(payment), filled_form(admin_client, payment), follow=True)
    page = answer.content.decode()
    assert "$5.00 was refunded." in page
    assert (
        f"$5.00: succeeded, requested by the buyer, admin, {Refund.objects.get().stripe_id}" in page
    )
    assert "open → succeeded (reconciler)" in page
    refund = Refund.objects.get()
    assert f"{Refund.objects.get().idempotency_key}: $5.00" in page
    assert refund.stripe_id in page
    assert "$5.00: succeeded" in page
    assert Order.objects.get().refunded_amount == 500
    orders = admin_client.get("/admin/cart/order/").content.decode()
    assert '<td class="field-total">$19.99, $5.00 refunded</td>' in orders


def test_the_refund_page_leads_back_without_a_refund(
    admin_client: Client, payment: Payment
) -> None:
    page = admin_client.get(address(payment)).content.decode()
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    assert f'<a class="closelink" href="{order_page}">Cancel</a>' in page


def test_a_double_click_is_one_refund(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    sent = filled_form(admin_client, payment)
    for _ in range(2):
        assert admin_client.post(address(payment), sent).status_code == 302
    assert len(local_stripe.refunds()) == 1


def test_returns_the_pieces_to_the_stock_when_the_box_is_ticked(
    admin_client: Client, payment: Payment
) -> None:
    chosen = pieces(payment, Mug=1) | {"restock": "on"}
    admin_client.post(address(payment), filled_form(admin_client, payment, **chosen))
    assert Item.objects.get().stock == 1


def test_returns_nothing_when_the_box_is_not_ticked(admin_client: Client, payment: Payment) -> None:
    admin_client.post(
        address(payment), filled_form(admin_client, payment, **pieces(payment, Mug=1))
    )
    assert Refund.objects.get().lines.get().quantity == 1
    assert Item.objects.get().stock == 0


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("20.00", "At most $19.99 can be refunded."),
        ("0", "must be more than zero"),
        ("-1", "must be more than zero"),
        ("1.005", "USD has 2 decimals; this amount has more."),
        ("much", "Enter a number."),
    ],
)
def test_a_wrong_amount_has_a_message_beside_the_field(
    admin_client: Client, payment: Payment, amount: str, sentence: str
) -> None:
    answer = admin_client.post(address(payment), filled_form(admin_client, payment, amount=amount))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Refund.objects.exists()


def test_an_outage_keeps_the_request_and_says_so(
    admin_client: Client, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = filled_form(admin_client, payment)
    monkeypatch.setattr("stripe.api_base", NOWHERE)
    monkeypatch.setattr("stripe.max_network_retries", 0)
    for _ in range(2):  # the second press finds the saved refund
        page = admin_client.post(address(payment), sent, follow=True).content.decode()
        assert "The refund is saved and sent again later" in page
        waits = r"Refund that waits for Stripe</th>\s*<td class=\"number\">\$5.00"
        assert re.search(waits, page)
    assert Refund.objects.get().state == "requested"


def test_a_refusal_is_shown(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    sent = filled_form(admin_client, payment)
    local_stripe.fail(path="/v1/refunds", status=400)
    page = admin_client.post(address(payment), sent, follow=True).content.decode()
    assert "Stripe refused the refund" in page


def test_a_payment_refunded_in_full_can_not_be_refunded_again(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    sent = filled_form(admin_client, payment, amount="19.99", **pieces(payment, Mug=1))
    admin_client.post(address(payment), sent)
    page = admin_client.get(address(payment)).content.decode()
    assert "has no money left to refund" in page
    assert "<form class" not in page
    order_page = admin_client.get(f"/admin/cart/order/{payment.order_id}/change/")
    assert address(payment) not in order_page.content.decode()


def test_needs_the_permission_to_refund(client: Client, payment: Payment) -> None:
    assert client.get(address(payment)).status_code == 302  # to the login
    client.force_login(User.objects.create_user("packer", is_staff=True))
    assert client.get(address(payment)).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_refund_that_failed_for_missing_keys_is_not_made_later(
    admin_client: Client, item: Item, local_stripe: LocalStripe, settings: Any
) -> None:
    payment = paid(item, local_stripe)
    sent, accounts = filled_form(admin_client, payment), settings.STRIPE_ACCOUNTS
    settings.STRIPE_ACCOUNTS = []
    page = admin_client.post(address(payment), sent, follow=True).content.decode()
    assert "Stripe refused the refund" in page
    settings.STRIPE_ACCOUNTS = accounts
    local_stripe.refund(payment.intent_id, 500)  # as staff did in the dashboard instead
    run_at(timezone.now())
    assert len(local_stripe.refunds()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_refused_refund_sent_again_is_shown_as_failed(
    admin_client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(item, local_stripe)
    sent = filled_form(admin_client, payment)
    local_stripe.fail(path="/v1/refunds", method="POST", status=400)
    admin_client.post(address(payment), sent)
    page = admin_client.post(address(payment), sent, follow=True).content.decode()
    assert "This refund has failed" in page
    assert "was refunded" not in page
