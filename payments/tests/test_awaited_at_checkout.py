"""A voucher or a bank transfer of Stripe Checkout that isn't paid: Stripe can't end it early."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from cart.models import Order, State
from payments.models import Payment
from store.models import Item
from tests.support.answers import error_of, page_of
from tests.support.carts import add, quantities
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, run_at
from tests.support.presses import session_of_cart
from tests.support.vouchers import stock_of

pytestmark = pytest.mark.django_db(transaction=True)
NO_OTHER_WAY = "You can’t choose another way to pay before"


@pytest.fixture
def mug(make_item: Any) -> Item:
    made: Item = make_item(stock=2, currency="EUR")
    return made


@pytest.fixture(params=["multibanco", "customer_balance"])
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def awaited(client: Client, mug: Item, local_stripe: LocalStripe, method: str) -> Payment:
    """The voucher or transfer for a one-click order."""
    local_stripe.configure(delayed_seconds=None)
    local_stripe.pay(client.get(f"/buy/{mug.pk}").json()["id"], method=method)
    payment = Payment.objects.get()
    assert look_again(payment).state == State.PROCESSING
    return payment


def test_the_receipt_says_why_and_until_when_there_is_no_other_way(
    client: Client, awaited: Payment
) -> None:
    path = awaited.order.get_absolute_url()
    receipt = page_of(client, path)
    assert "Pay in another way" not in receipt
    end = f"{date_format(awaited.expires_at)}, {awaited.expires_at:%H:%M} UTC"
    assert f"{NO_OTHER_WAY} {end}, because" in receipt
    assert NO_OTHER_WAY not in page_of(Client(), path)
    russian = client.get(path, headers={"Accept-Language": "ru"}).content.decode()
    assert "другой способ оплаты выбрать нельзя" in russian


def test_buy_works_again_after_the_end(
    client: Client, mug: Item, awaited: Payment, local_stripe: LocalStripe, method: str
) -> None:
    assert error_of(client.get(f"/buy/{mug.pk}"), 409) == "payment_awaited"
    Payment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    if method == "multibanco":  # Stripe ends a voucher
        local_stripe.finish_delayed(local_stripe.intents()[0]["id"], succeed=False)
    assert client.get(f"/buy/{mug.pk}").status_code == 200
    assert Order.objects.get(pk=awaited.order_id).state == State.CANCELLED


def test_the_item_can_be_paid_in_the_cart_meanwhile(
    client: Client, mug: Item, awaited: Payment, local_stripe: LocalStripe
) -> None:
    add(client, mug)
    local_stripe.pay(session_of_cart(client))
    paid = Payment.objects.latest("pk")
    assert look_again(paid).state == State.PAID
    assert look_again(awaited).state == State.PROCESSING


def test_a_transfer_at_checkout_ends_for_the_shop_and_late_money_pays_it(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    """Stripe can't end a complete session."""
    add(client, mug)
    local_stripe.pay(session_of_cart(client), method="customer_balance")
    payment = Payment.objects.get()
    order = look_again(payment)
    assert (order.state, payment.is_awaited) == (State.PROCESSING, True)
    receipt = page_of(client, order.get_absolute_url())
    assert "We are waiting for your payment" in receipt
    assert "Pay in another way" not in receipt
    refused = client.post(f"/order/{order.token}/cancel", {"another_way": "1"})
    assert refused.status_code == 409
    assert f"The payment of order {order.number} can’t be cancelled" in refused.content.decode()
    assert Order.objects.get().state == State.PROCESSING
    run_at(timezone.now() + timedelta(days=15))
    order.refresh_from_db()
    assert (order.state, stock_of(mug), quantities(client)) == (State.CANCELLED, 2, {"Mug": 1})
    local_stripe.finish_delayed(local_stripe.intents()[0]["id"])
    assert look_again(payment).state == State.PAID
    assert stock_of(mug) == 1
