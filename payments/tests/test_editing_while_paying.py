"""An order that the buyer edits while it is being paid."""

from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from cart import editing
from cart.models import Order, OrderLine, State
from cart.session import open_orders
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import error_of
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.payments import pay_and_settle
from tests.support.presses import session_of_cart


@pytest.mark.django_db(transaction=True)
def test_two_edits_at_the_same_time_keep_one_cart_with_both(
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


def test_the_other_tab_pays_the_order_that_it_showed(
    client: Client,
    make_item: Any,
    local_stripe: LocalStripe,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Tab A presses Buy, tab B edits, A pays: A's order is paid, B's copy is the cart."""
    cup, pot = make_item(name="Cup"), make_item(name="Pot", stock=1)
    add(client, cup)
    session_id = session_of_cart(client)
    local_stripe.fail(path=f"/v1/checkout/sessions/{session_id}/expire", status=500, calls=9)
    with django_capture_on_commit_callbacks(execute=True):
        add(client, pot)  # Stripe can't be told to end the old session
    assert Order.objects.filter(state=State.CHECKOUT, superseded_at__isnull=False).count() == 1
    paid = pay_and_settle(local_stripe, session_id)
    assert [line.name for line in paid.lines.all()] == ["Cup"]
    assert (paid.state, alert_messages(paid)) == (State.PAID, "")
    page = client.get("/order").content.decode()
    assert "Pot" in page
    assert "Cup" in page


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
