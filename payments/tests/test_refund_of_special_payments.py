"""The refund page of payments that have no money to refund, or whose bank disputes them."""

from typing import Any

from django.test import Client

from cart.models import Discount, Order, State
from payments.models import Payment, Refund
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, paid_cart
from tests.support.refund_form import address, all_chosen, filled_form, pieces, values


def test_a_free_order_is_given_back_without_an_amount(
    admin_client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="GIFT", percent=100)
    payment = paid_cart({make_item(stock=2): 2}, local_stripe, code="gift")
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    assert address(payment) in admin_client.get(order_page).content.decode()
    page = admin_client.get(address(payment)).content.decode()
    assert "This order cost nothing" in page
    assert 'name="amount"' not in page
    answer = admin_client.post(address(payment), values(page))
    assert answer.status_code == 422
    assert "Choose the pieces that return to stock." in answer.content.decode()
    shown = values(all_chosen(admin_client, payment))
    page = admin_client.post(address(payment), shown, follow=True).content.decode()
    assert "The pieces were given back." in page
    assert Item.objects.get().stock == 2
    order = Order.objects.get()
    assert (order.state, order.is_to_ship) == (State.PAID, False)
    assert address(payment) not in page


def test_pieces_of_an_order_that_was_refunded_in_the_dashboard_can_return(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    local_stripe.refund(payment.intent_id)
    look_again(payment)
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    assert "Return to stock…" in admin_client.get(order_page).content.decode()
    page = admin_client.get(address(payment)).content.decode()
    assert "has no money left to refund" in page
    admin_client.post(address(payment), values(page) | pieces(payment, Mug=1))
    assert Item.objects.get().stock == 1
    assert len(local_stripe.refunds()) == 1


def test_the_page_of_a_disputed_payment_says_what_to_do_instead(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    before = filled_form(admin_client, payment, **pieces(payment, Mug=1))
    dispute_id = local_stripe.dispute(payment.intent_id)
    look_again(payment)
    page = admin_client.get(address(payment)).content.decode()
    assert f"The buyer’s bank disputes this payment ({dispute_id})" in page
    assert "Answer in Stripe’s dashboard, under Disputes." in page
    assert 'value="Refund"' not in page
    assert 'name="amount"' not in page
    answer = admin_client.post(address(payment), before)
    assert answer.status_code == 422
    assert "this payment has changed since you opened the page" in answer.content.decode()
    assert not Refund.objects.exists()
    local_stripe.close_dispute(dispute_id, "won")
    look_again(payment)
    assert 'value="Refund"' in admin_client.get(address(payment)).content.decode()


def test_the_page_of_a_lost_dispute_says_that_the_buyer_has_the_money(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    dispute_id = local_stripe.dispute(payment.intent_id)
    local_stripe.close_dispute(dispute_id, "lost")
    look_again(payment)
    page = admin_client.get(address(payment)).content.decode()
    assert f"The dispute of this payment ({dispute_id}) is lost" in page
    assert 'value="Refund"' not in page


def test_the_page_of_a_prevented_dispute_says_where_to_look(
    admin_client: Client, payment: Payment
) -> None:
    """Stripe may have paid the buyer back already."""
    payment.disputes.create(stripe_id="du_1", status="prevented")
    page = admin_client.get(address(payment)).content.decode()
    assert "Stripe ended the dispute of this payment (du_1)" in page
    assert 'value="Refund"' not in page
