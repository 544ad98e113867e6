"""The links to the refund page on the order's page in the admin, and the rights that it needs."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from payments.models import Payment, PaymentState, Refund
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


def test_the_link_is_hidden_from_staff_without_the_right(client: Client, payment: Payment) -> None:
    packer = User.objects.create_user("packer", is_staff=True)
    packer.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_order", "view_payment"])
    )
    client.force_login(packer)
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    page = client.get(order_page).content.decode()
    assert "$19.99" in page
    assert "efund…" not in page
    assert address(payment) not in page
    packer.user_permissions.add(Permission.objects.get(codename="add_refund"))
    page = client.get(order_page).content.decode()
    assert page.count(address(payment)) == 2  # at the top, and beside the payment


def test_the_links_of_an_order_that_was_paid_twice_name_the_attempt(
    admin_client: Client, payment: Payment
) -> None:
    Payment.objects.create(
        order=payment.order,
        attempt=2,
        account=payment.account,
        livemode=False,
        intent_id="pi_2",
        amount=1999,
        currency="USD",
        state=PaymentState.SUCCEEDED,
        expires_at=payment.expires_at,
    )
    page = admin_client.get(f"/admin/cart/order/{payment.order_id}/change/").content.decode()
    assert "Refund… (1)</a>" in page
    assert "Refund… (2)</a>" in page


@pytest.mark.parametrize(
    ("rights", "status"),
    [
        (["add_refund"], 403),
        (["view_order"], 403),
        (["add_refund", "view_order"], 200),
        (["add_refund", "change_order"], 200),
    ],
)
def test_a_refund_needs_the_right_to_see_the_order(
    client: Client, payment: Payment, rights: list[str], status: int
) -> None:
    packer = User.objects.create_user("packer", is_staff=True)
    packer.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    client.force_login(packer)
    assert client.get(address(payment)).status_code == status
    if status == 403:
        assert client.post(address(payment), {"amount": "19.99"}).status_code == 403
        assert not Refund.objects.exists()
