"""Vouchers and bank transfers of Pay here: confirmed at once, and paid days later."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment, PaymentState
from store.models import Item
from tests.support.answers import error_of, page_of
from tests.support.carts import add, quantities
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, run_at
from tests.support.presses import buy_cart, intent_of_cart, intent_of_item
from tests.support.vouchers import TRANSFER, VOUCHER, confirm_here, stock_of, voucher_for

pytestmark = pytest.mark.django_db(transaction=True)
AWAITED = "We are waiting for your payment"
EURO_SECRET = "whsec_minieuro"


@pytest.fixture
def mug(make_item: Any) -> Item:
    made: Item = make_item(stock=1, currency="EUR")
    return made


@pytest.fixture(autouse=True)
def slow_bank(local_stripe: LocalStripe) -> None:
    local_stripe.configure(delayed_seconds=None)


def another_way(client: Client, order: Order) -> Any:
    return client.post(f"/order/{order.token}/cancel", {"another_way": "1"})


def test_its_event_makes_the_order_wait_and_the_receipt_says_how_to_pay(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = confirm_here(client, mug, local_stripe, VOUCHER)
    event = event_about(payment.stripe_id, type="payment_intent.requires_action")
    assert deliver(event, EURO_SECRET) == 200
    payment.refresh_from_db()
    assert (payment.state, payment.order.state) == (PaymentState.PROCESSING, State.PROCESSING)
    shown = local_stripe.intent(payment.stripe_id)["next_action"]["multibanco_display_details"]
    assert payment.expires_at.timestamp() == shown["expires_at"]
    receipt = page_of(client, payment.order.get_absolute_url())
    assert AWAITED in receipt
    assert f'href="{shown["hosted_voucher_url"]}"' in receipt
    assert "Pay in another way" in receipt
    assert "Pay in another way" not in page_of(Client(), payment.order.get_absolute_url())
    last_poll = page_of(client, payment.order.get_absolute_url() + "?poll=10")
    assert "taking longer than usual" not in last_poll


def test_the_end_of_the_hold_is_not_the_end_of_the_voucher(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    """No event has arrived, and the buyer hasn't come back."""
    payment = confirm_here(client, mug, local_stripe, VOUCHER)
    for later in (timedelta(minutes=32), timedelta(days=6)):
        run_at(timezone.now() + later)
        payment.refresh_from_db()
        assert payment.is_awaited
        assert local_stripe.intent(payment.stripe_id)["status"] == "requires_action"
    assert stock_of(mug) == 0
    local_stripe.finish_delayed(payment.stripe_id)
    assert look_again(payment).state == State.PAID
    assert stock_of(mug) == 0


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("press", ["buy", "pay here"])
def test_buy_again_says_that_the_payment_is_awaited(
    client: Client, mug: Item, local_stripe: LocalStripe, press: str, is_known: bool
) -> None:
    payment = confirm_here(client, mug, local_stripe, VOUCHER)
    if is_known:
        look_again(payment)
    path = f"/buy/{mug.pk}"
    answer = client.get(path) if press == "buy" else client.post(f"{path}/intent")
    assert error_of(answer, 409) == "payment_awaited"
    assert f"{AWAITED} of order {payment.order.number}" in answer.json()["error"]["message"]
    assert Order.objects.get().state == State.PROCESSING
    assert local_stripe.intent(payment.stripe_id)["status"] == "requires_action"
    page = page_of(client, f"/item/{mug.pk}")
    assert f'href="{payment.order.get_absolute_url()}"' in page
    assert "Stop paying" not in page


def test_buying_a_cart_again_says_that_the_payment_is_awaited(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    add(client, mug)
    intent_id = intent_of_cart(client)
    local_stripe.pay_intent(intent_id, method=VOUCHER)
    for currency in ("", "EUR"):  # the first press settles it; then there is no cart any more
        answer = buy_cart(client, currency=currency)
        assert error_of(answer, 409) == "payment_awaited"
    assert error_of(buy_cart(client, currency="USD"), 422) == "cart_empty"
    assert error_of(Client().post("/order/intent"), 422) == "cart_empty"
    assert f"{AWAITED} of order" in page_of(client, "/order")


def test_an_expired_voucher_returns_the_stock_and_ends_the_intent(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = voucher_for(client, mug, local_stripe)
    local_stripe.finish_delayed(payment.stripe_id, succeed=False)
    assert look_again(payment).state == State.CANCELLED
    assert stock_of(mug) == 1
    assert local_stripe.intent(payment.stripe_id)["status"] == "canceled"
    assert client.get(f"/buy/{mug.pk}").status_code == 200


def test_buy_after_an_expired_voucher_that_no_event_told_of_begins_anew(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = voucher_for(client, mug, local_stripe)
    local_stripe.finish_delayed(payment.stripe_id, succeed=False)
    assert intent_of_item(client, mug) != payment.stripe_id


def test_a_transfer_ends_after_transfer_days(
    client: Client, mug: Item, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.TRANSFER_DAYS = 3
    payment = confirm_here(client, mug, local_stripe, TRANSFER)
    look_again(payment)
    receipt = page_of(client, payment.order.get_absolute_url())
    shown = local_stripe.intent(payment.stripe_id)["next_action"]
    assert shown["display_bank_transfer_instructions"]["hosted_instructions_url"] in receipt
    run_at(timezone.now() + timedelta(days=2, hours=23))
    assert local_stripe.intent(payment.stripe_id)["status"] == "requires_action"
    run_at(timezone.now() + timedelta(days=3, minutes=1))
    assert local_stripe.intent(payment.stripe_id)["status"] == "canceled"
    assert (Order.objects.get().state, stock_of(mug)) == (State.CANCELLED, 1)


def test_pay_in_another_way_cancels_the_intent_and_gives_the_cart_back(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    add(client, mug)
    intent_id = intent_of_cart(client)
    local_stripe.pay_intent(intent_id, method=VOUCHER)
    order = look_again(Payment.objects.get())
    assert client.post(f"/order/{order.token}/cancel").status_code == 303  # Pay here was closed
    assert local_stripe.intent(intent_id)["status"] == "requires_action"
    answer = another_way(client, order)
    assert (answer.status_code, answer["Location"]) == (303, "/order")
    assert local_stripe.intent(intent_id)["status"] == "canceled"
    assert (quantities(client), stock_of(mug)) == ({"Mug": 1}, 1)
    assert buy_cart(client).status_code == 200


def test_pay_in_another_way_says_that_stripe_refuses_it(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = voucher_for(client, mug, local_stripe)
    local_stripe.fail(path=f"/v1/payment_intents/{payment.stripe_id}/cancel", status=400)
    answer = another_way(client, payment.order)
    assert answer.status_code == 409
    assert "can’t be cancelled any more" in answer.content.decode()
    assert payment.order.get_absolute_url() in answer.content.decode()
    payment.refresh_from_db()
    assert payment.is_awaited


def test_pay_in_another_way_after_paying_shows_the_receipt(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = voucher_for(client, mug, local_stripe)
    local_stripe.finish_delayed(payment.stripe_id)
    assert another_way(client, payment.order)["Location"] == payment.order.get_absolute_url()
    assert Order.objects.get().state == State.PAID


def test_closing_pay_here_keeps_a_voucher_that_the_shop_does_not_know_yet(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = confirm_here(client, mug, local_stripe, VOUCHER)
    path = f"/order/{payment.order.token}/cancel"
    assert client.post(path)["Location"] == payment.order.get_absolute_url()
    assert look_again(payment).state == State.PROCESSING


def test_an_intent_that_asks_for_3d_secure_instead_is_not_ended(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    """The buyer has chosen a card after all, in a tab where Stripe's form was still open."""
    payment = voucher_for(client, mug, local_stripe)
    local_stripe.pay_intent(payment.stripe_id, card="4000002500003155")
    assert look_again(payment).state == State.PROCESSING
    assert local_stripe.intent(payment.stripe_id)["status"] == "requires_action"
    run_at(timezone.now() + timedelta(days=6))
    assert local_stripe.intent(payment.stripe_id)["status"] == "requires_action"
    run_at(timezone.now() + timedelta(days=8))
    assert local_stripe.intent(payment.stripe_id)["status"] == "canceled"
    assert (Order.objects.get().state, stock_of(mug)) == (State.CANCELLED, 1)


def test_a_debit_instead_of_the_voucher_is_on_its_way(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = voucher_for(client, mug, local_stripe)
    local_stripe.pay_intent(payment.stripe_id, iban="DE89370400440532013000")
    order = look_again(payment)
    assert (order.state, payment.is_awaited) == (State.PROCESSING, False)
    assert "Your payment is on its way" in page_of(client, order.get_absolute_url())


def test_an_edit_keeps_the_voucher_and_the_pieces_leave_the_copy(
    client: Client, mug: Item, make_item: Any, local_stripe: LocalStripe
) -> None:
    add(client, mug)
    intent_id = intent_of_cart(client)
    local_stripe.pay_intent(intent_id, method=VOUCHER)
    add(client, make_item(name="Pot", currency="EUR"))
    assert local_stripe.intent(intent_id)["status"] == "requires_action"
    assert Payment.objects.get().is_awaited
    assert quantities(client) == {"Pot": 1}


def test_the_return_page_leads_to_the_receipt(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = confirm_here(client, mug, local_stripe, VOUCHER)
    path = payment.order.get_absolute_url()
    answer = client.get(f"{path}/return", {"payment_intent": payment.stripe_id})
    assert answer["Location"] == path
    assert AWAITED in page_of(client, path)


def test_a_voucher_without_a_page_has_no_link(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    payment = voucher_for(client, mug, local_stripe)
    Payment.objects.update(instructions_url="")
    assert "How to pay" not in page_of(client, payment.order.get_absolute_url())
