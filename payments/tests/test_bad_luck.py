"""What an attacker, a buyer with bad luck or a merchant with the wrong keys could run into."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import stripe
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart import editing
from cart.models import Discount, Order, State, Tax
from cart.session import open_orders
from payments.models import Payment, PaymentState, Refund
from payments.settlement import end_attempt
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import NOWHERE, error_of
from tests.support.carts import add, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE, look_again, paid, run_at
from tests.support.refund_form import address, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def swap_keys(settings: Any) -> Callable[[], None]:
    """The keys of every account are another's from now on; called again, they are right."""
    right = settings.STRIPE_ACCOUNTS
    wrong = [replace(account, secret_key="sk_test_another") for account in right]

    def swap() -> None:
        settings.STRIPE_ACCOUNTS = wrong if settings.STRIPE_ACCOUNTS is right else right

    return swap


def test_a_return_when_stripe_can_not_be_asked_does_not_say_that_nothing_was_charged(
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


def test_returns_in_a_loop_ask_stripe_no_more_often_than_presses(
    client: Client, item: Item, local_stripe: LocalStripe, settings: Any
) -> None:
    client.get(f"/buy/{item.pk}")
    settings.BUY_RATE_LIMIT = 3
    before = len(local_stripe.all_requests())
    for _ in range(6):
        answer = Client().get(f"/order/{Order.objects.get().token}/return")
        assert answer.status_code == 303
    assert len(local_stripe.all_requests()) - before <= 3


def test_two_edits_at_once_of_an_order_that_is_being_paid_keep_the_cart(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    first, second = make_item(), make_item(name="Pot")
    for each in (first, second):
        add(client, each, quantity=2)
    client.get("/order/buy")

    def request_of_the_browser() -> Any:
        request: Any = RequestFactory().post("/")
        request.session = SessionStore(client.session.session_key)
        return request

    requests = [request_of_the_browser() for _ in range(2)]
    for request in requests:
        assert request.session["orders"]  # both have read the tokens before either writes
    for request, quantity in zip(requests, (4, 5), strict=True):
        with editing.cart_for(request, "USD", at=timezone.now()) as cart:
            editing.set_quantity(cart, item=first, quantity=quantity)
        request.session.save()
    (order,) = open_orders(request_of_the_browser())
    assert [line.quantity for line in order.lines.all()] == [5, 2]


def test_with_wrong_keys_nothing_is_ended_before_it_is_due_and_then_staff_are_told(
    client: Client, make_item: Any, local_stripe: LocalStripe, swap_keys: Callable[[], None]
) -> None:
    item = make_item(stock=1)
    client.post(f"/buy/{item.pk}/intent")
    swap_keys()
    run_at(timezone.now() + timedelta(seconds=30))
    assert Payment.objects.get().state == PaymentState.OPEN
    summary = run_at(timezone.now() + timedelta(minutes=32))
    assert (summary.failed, Payment.objects.get().state) == (0, PaymentState.FAILED)
    assert "with the present keys of account" in alert_messages(Order.objects.get())
    item.refresh_from_db()
    assert item.stock == 1


def test_money_of_an_earlier_attempt_does_not_pay_what_was_added_since(
    client: Client,
    item: Item,
    make_item: Any,
    local_stripe: LocalStripe,
    swap_keys: Callable[[], None],
) -> None:
    add(client, item)
    client.get("/order/buy")
    first = Payment.objects.get()
    swap_keys()
    run_at(timezone.now() + timedelta(days=1))
    swap_keys()
    add(client, make_item(name="Gold", price=Decimal(500)))
    client.get("/order/buy")
    local_stripe.pay(first.stripe_id)
    order = look_again(first)
    assert order.state == State.CHECKOUT
    assert "an earlier attempt" in alert_messages(order)


def test_a_refund_that_could_not_be_asked_for_without_keys_is_not_made_later(
    admin_client: Client, item: Item, local_stripe: LocalStripe, settings: Any
) -> None:
    payment = paid(item, local_stripe)
    sent, accounts = wish(admin_client, payment), settings.STRIPE_ACCOUNTS
    settings.STRIPE_ACCOUNTS = []
    page = admin_client.post(address(payment), sent, follow=True).content.decode()
    assert "Stripe refused the refund" in page
    settings.STRIPE_ACCOUNTS = accounts
    local_stripe.refund(payment.intent_id, 500)  # staff did it in the dashboard
    run_at(timezone.now())
    assert len(local_stripe.refunds()) == 1


def test_a_refused_refund_sent_again_is_no_success(
    admin_client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(item, local_stripe)
    sent = wish(admin_client, payment)
    local_stripe.fail(path="/v1/refunds", method="POST", status=400)
    admin_client.post(address(payment), sent)
    page = admin_client.post(address(payment), sent, follow=True).content.decode()
    assert "This refund has failed" in page
    assert "was refunded" not in page


def test_another_programs_metadata_on_a_refund_stops_nothing(
    item: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(item, local_stripe)
    stripe.Refund.create(
        payment_intent=payment.intent_id,
        amount=100,
        metadata={"refund": "yes"},
        api_key="sk_test_minicart",
    )
    assert run_at(timezone.now()).failed == 0
    assert Refund.objects.get().amount == 100


def test_an_order_edited_while_its_session_is_made_is_not_handed_out(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    """The other tab's edit comes between the freeze and Stripe's answer."""
    add(client, item)
    edited: list[bool] = []

    def edit_once(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith('INSERT INTO "payments_payment" (') and not edited:
            edited.append(True)
            Order.objects.update(superseded_at=timezone.now())
        return result

    with connection.execute_wrapper(edit_once):
        assert error_of(client.get("/order/buy"), 409) == "order_changed"
    assert local_stripe.all_sessions()[0]["status"] == "expired"


def test_an_attempt_that_was_settled_meanwhile_is_not_ended(
    item: Item, local_stripe: LocalStripe
) -> None:
    payment = paid(item, local_stripe)
    with payment.locked() as (order, locked):
        failed = PaymentState.FAILED
        assert not end_attempt(order, locked, to=failed, at=timezone.now(), cause=CAUSE)
    assert Order.objects.get().state == State.PAID


def test_a_limited_code_is_held_no_longer_than_limited_stock(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    add(client, item)
    use_code(client, "ONCE")
    client.get("/order/buy")
    assert Payment.objects.get().expires_at - timezone.now() < timedelta(minutes=32)


def test_a_new_tax_ends_a_one_click_attempt_at_the_old_amount(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    client.post(f"/buy/{item.pk}/intent")
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    assert client.post(f"/buy/{item.pk}/intent").json()["amount"] == 2399


def test_late_money_takes_the_pieces_even_where_the_code_is_used_up(
    client: Client, make_item: Any, local_stripe: LocalStripe, swap_keys: Callable[[], None]
) -> None:
    item = make_item(stock=1)
    Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    add(client, item)
    use_code(client, "ONCE")
    client.get("/order/buy")
    payment = Payment.objects.get()
    swap_keys()
    run_at(timezone.now() + timedelta(minutes=32))
    swap_keys()
    Discount.objects.update(times_redeemed=1)
    local_stripe.pay(payment.stripe_id)
    order = look_again(payment)
    item.refresh_from_db()
    assert (order.state, item.stock) == (State.PAID, 0)
    assert "used up since" in alert_messages(order)


def test_the_orders_page_asks_no_more_often_for_more_attempts(admin_client: Client) -> None:
    order = Order.objects.create(currency="USD")

    def queries(attempts: int) -> int:
        while order.payments.count() < attempts:
            Payment.objects.create(
                order=order,
                attempt=order.payments.count() + 1,
                account="default",
                livemode=False,
                amount=1,
                currency="USD",
                state=PaymentState.FAILED,
                expires_at=timezone.now(),
            )
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(f"/admin/cart/order/{order.pk}/change/")
        return len(captured)

    queries(1)
    assert queries(2) == queries(8)


def test_a_cart_whose_wrong_payment_was_given_back_can_be_bought(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    """Stripe took another amount than was recorded; it went back, and the buyer tries again."""
    add(client, item)
    local_stripe.pay(client.get("/order/buy").json()["id"])
    Payment.objects.update(amount=1998)
    payment = Payment.objects.get()
    assert look_again(payment).state == State.CHECKOUT
    assert error_of(client.get("/order/buy"), 409) == "already_paid"
    local_stripe.refund(payment.intent_id)
    assert look_again(payment).state == State.CART
    session = local_stripe.session(client.get("/order/buy").json()["id"])
    assert session["amount_total"] == 1999
    assert look_again(payment).state == State.CHECKOUT  # held for the second attempt
