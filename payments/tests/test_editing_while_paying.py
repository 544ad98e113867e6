"""An order that the buyer edits while it is being paid."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cart.freezing import OrderChanged
from cart.models import Order, OrderLine
from cart.signals import order_superseded
from payments.checkout import buy_order
from payments.models import Kind
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.presses import session_of_cart


@pytest.mark.django_db(transaction=True)
def test_an_edit_during_the_call_to_stripe_ends_the_new_session(
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


@pytest.mark.django_db(transaction=True)
def test_ends_the_old_session_and_returns_its_stock(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    client = Client()
    item = make_item(stock=2)
    add(client, item)
    first = session_of_cart(client)
    line = OrderLine.objects.get()
    client.post(f"/order/lines/{line.pk}", {"quantity": 2})
    assert local_stripe.session(first)["status"] == "expired"
    item.refresh_from_db()
    assert item.stock == 2
    assert local_stripe.session(session_of_cart(client))["amount_total"] == 3998
    assert sorted(Order.objects.values_list("state", flat=True)) == ["cancelled", "checkout"]


@pytest.mark.django_db(transaction=True)
def test_an_error_of_another_receiver_does_not_break_the_edit(
    client: Client, item: Item, local_stripe: LocalStripe, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_signal: Any) -> None:
        raise ValueError("the warehouse is closed")

    add(client, item)
    first = session_of_cart(client)
    line = OrderLine.objects.get()
    order_superseded.connect(fail)
    try:
        assert client.post(f"/order/lines/{line.pk}", {"quantity": 2}).status_code == 303
    finally:
        order_superseded.disconnect(fail)
    assert "the warehouse is closed" in caplog.text
    assert local_stripe.session(first)["status"] == "expired"
    assert Order.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_order_that_was_superseded_meanwhile_is_not_bought(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    order = Order.objects.get()
    session_of_cart(client)
    add(client, item)  # supersedes the order and ends its session
    with pytest.raises(OrderChanged):
        buy_order(
            order=order,
            shown_fingerprint=None,
            address_hash="",
            kind=Kind.CHECKOUT,
            at=timezone.now(),
        )
