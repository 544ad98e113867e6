"""An edit during checkout while Stripe can't be asked to end the old session."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order
from payments.models import Payment
from store.models import Item
from tests.support.carts import add, quantities, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import run_at
from tests.support.presses import new_browser, session_of_cart

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stripe.max_network_retries", 0)


@pytest.fixture
def old_session(client: Client, last_piece: Item, make_item: Any, local_stripe: LocalStripe) -> str:
    """The session of the last piece and the last redemption; the cart was edited in an outage."""
    Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    add(client, last_piece)
    use_code(client, "ONCE")
    session_id = session_of_cart(client)
    local_stripe.fail(path="/v1/", status=500, calls=99)
    add(client, make_item(name="Pot"))
    local_stripe.fail(calls=0)
    assert local_stripe.session(session_id)["status"] == "open"
    return session_id


def test_the_holder_can_buy_what_the_old_session_holds(
    client: Client, last_piece: Item, old_session: str, local_stripe: LocalStripe
) -> None:
    page = client.get("/order").content.decode()
    assert "sold out" not in page
    assert "used up" not in page
    assert "Reserved for you" in client.get(f"/item/{last_piece.pk}").content.decode()
    new_session = session_of_cart(client)
    assert local_stripe.session(old_session)["status"] == "expired"
    assert local_stripe.session(new_session)["amount_total"] == 3598
    assert Discount.objects.get().times_redeemed == 1


def test_the_held_piece_and_code_count_for_the_next_edit(
    client: Client, last_piece: Item, old_session: str
) -> None:
    client.post("/order/discount/remove", {"currency": "USD"})
    use_code(client, "ONCE")
    line = Order.objects.open_for(client.session["visitor"]).get().lines.get(item=last_piece)
    client.post(f"/order/lines/{line.pk}/remove")
    assert add(client, last_piece).status_code == 303
    assert quantities(client) == {"Pot": 1, "Mug": 1}
    assert add(client, last_piece).status_code == 409
    assert add(new_browser(), last_piece).status_code == 409


def test_the_reconciler_ends_the_old_session(old_session: str, local_stripe: LocalStripe) -> None:
    run_at(timezone.now())
    assert local_stripe.session(old_session)["status"] == "expired"
    assert Payment.objects.get().state == "expired"


@pytest.mark.parametrize("code", ["WRONG", "ENDED"])
def test_a_refused_edit_leaves_the_session_open(
    client: Client, last_piece: Item, local_stripe: LocalStripe, code: str
) -> None:
    Discount.objects.create(code="ENDED", percent=Decimal(10), ends_at=timezone.now())
    add(client, last_piece)
    session_id = session_of_cart(client)
    answer = client.post("/order/discount", {"code": code, "currency": "USD"})
    assert answer.status_code == 422
    assert add(client, last_piece).status_code == 409
    assert local_stripe.session(session_id)["status"] == "open"
    assert session_of_cart(client) == session_id
