"""How a buyer finds an order that waits for a voucher or a bank transfer, and its receipt."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment
from store.models import Item
from tests.support.answers import page_of
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again
from tests.support.presses import intent_of_cart, intent_of_item, new_browser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mug(make_item: Any) -> Item:
    made: Item = make_item(stock=1, currency="EUR")
    return made


def confirm_voucher(intent_id: str, local_stripe: LocalStripe) -> Order:
    local_stripe.configure(delayed_seconds=None)
    local_stripe.pay_intent(intent_id, method="multibanco")
    return look_again(Payment.objects.get(stripe_id=intent_id))


def test_a_russian_date_does_not_end_the_sentence(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    order = confirm_voucher(intent_of_item(client, mug), local_stripe)
    answer = client.get(order.get_absolute_url(), headers={"Accept-Language": "ru"})
    page = answer.content.decode()
    assert re.search(r"Оплатите до \d+ \w+ \d{4} г\., \d\d:\d\d UTC\. Когда", page)


@pytest.mark.parametrize("is_one_click", [True, False])
def test_another_way_while_stripe_is_away_shows_the_receipt_and_says_why(
    client: Client,
    mug: Item,
    local_stripe: LocalStripe,
    monkeypatch: pytest.MonkeyPatch,
    is_one_click: bool,
) -> None:
    monkeypatch.setattr("stripe.max_network_retries", 0)
    if not is_one_click:
        add(client, mug)
    intent_id = intent_of_item(client, mug) if is_one_click else intent_of_cart(client)
    order = confirm_voucher(intent_id, local_stripe)
    local_stripe.fail(path="/v1/", status=500, calls=9)
    answer = client.post(f"/order/{order.token}/cancel", {"another_way": "1"})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "Stripe can’t be reached, so the payment could not be ended." in page
    assert "How to pay" in page
    assert Order.objects.get().state == State.PROCESSING


@pytest.mark.parametrize("has_lines", [True, False])
def test_the_cart_names_an_awaited_order_until_its_end(
    client: Client, mug: Item, make_item: Any, local_stripe: LocalStripe, has_lines: bool
) -> None:
    add(client, mug)
    order = confirm_voucher(intent_of_cart(client), local_stripe)
    Order.objects.update(updated_at=timezone.now() - timedelta(days=3))
    if has_lines:
        add(client, make_item(currency="EUR"))
    text = f"We are waiting for your payment of order {order.number}."
    page = page_of(client, "/order")
    assert page.count(text) == 1
    assert f'href="{order.get_absolute_url()}"' in page
    assert text not in page_of(new_browser(), "/order")
    local_stripe.finish_delayed(order.payments.get().stripe_id, succeed=False)
    look_again(order.payments.get())
    assert text not in page_of(client, "/order")
