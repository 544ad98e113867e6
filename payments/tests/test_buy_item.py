"""GET and POST /buy/<id>, with the stripe library calling the local Stripe."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.test import Client
from django.utils import timezone

from cart.models import Order, OrderAlert, State
from payments.models import Payment, PaymentState
from store.models import Item
from tests.support.answers import error_of
from tests.support.local_stripe import LocalStripe
from tests.support.presses import new_browser


def stripe_ids() -> list[str]:
    return list(Payment.objects.values_list("stripe_id", flat=True))


def test_answers_with_a_session_that_stripe_knows(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    answer = client.get(f"/buy/{item.pk}")
    assert answer.status_code == 200
    assert answer.json().keys() == {"id", "url", "publishable_key"}
    assert answer.json()["publishable_key"] == "pk_test_minicart"
    session = local_stripe.session(answer.json()["id"])
    assert session["url"] == answer.json()["url"]
    assert session["amount_total"] == 1999
    assert "no-store" in answer["Cache-Control"]


def test_freezes_the_order_and_records_the_attempt(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    session_id = client.get(f"/buy/{item.pk}").json()["id"]
    payment = Payment.objects.get()
    assert (payment.stripe_id, payment.account) == (session_id, "default")
    assert not payment.livemode
    assert (payment.amount, payment.currency, payment.attempt) == (1999, "USD", 1)
    assert payment.order.state == State.CHECKOUT
    assert payment.order.lines.get().name == "Stoneware mug"
    assert local_stripe.session(session_id)["client_reference_id"] == payment.order.number


@pytest.mark.parametrize(
    ("price", "unit_amount"),
    [("0.29", "29"), ("1.15", "115"), ("4.35", "435"), ("8.70", "870"), ("19.99", "1999")],
)
def test_prices_reach_stripe_to_the_cent(
    client: Client, make_item: Any, local_stripe: LocalStripe, price: str, unit_amount: str
) -> None:
    client.get(f"/buy/{make_item(price=Decimal(price)).pk}")
    sent = local_stripe.requests("POST", "/v1/checkout/sessions")[-1]["params"]
    assert str(sent["line_items"]["0"]["price_data"]["unit_amount"]) == unit_amount


def test_the_form_without_javascript_redirects_to_stripe(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    answer = client.post(f"/buy/{item.pk}")
    assert answer.status_code == 303
    assert answer["Location"] == local_stripe.session(stripe_ids()[0])["url"]
    assert (
        shop_settings.STRIPE_API_BASE in answer["Content-Security-Policy"].split("form-action")[1]
    )


def test_the_same_visitor_gets_the_same_open_session(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    client.get(f"/item/{item.pk}")
    ids = {client.get(f"/buy/{item.pk}").json()["id"] for _ in range(3)}
    assert len(ids) == 1
    assert Order.objects.count() == 1


def test_the_buyer_who_holds_the_last_piece_gets_the_same_session(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=1)
    first = client.get(f"/buy/{item.pk}").json()["id"]
    assert client.get(f"/buy/{item.pk}").json()["id"] == first
    assert error_of(new_browser().get(f"/buy/{item.pk}"), 409) == "sold_out"


def test_another_visitor_gets_another_session(item: Item, local_stripe: LocalStripe) -> None:
    assert len({new_browser().get(f"/buy/{item.pk}").json()["id"] for _ in range(3)}) == 3


def test_another_item_is_another_order(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    one, two = make_item(), make_item()
    assert client.get(f"/buy/{one.pk}").json() != client.get(f"/buy/{two.pk}").json()


def test_after_paying_the_next_press_buys_another_one(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    first = client.get(f"/buy/{item.pk}").json()["id"]
    local_stripe.pay(first)
    # No event has arrived and the buyer has not come back, so this press settles the payment.
    assert error_of(client.get(f"/buy/{item.pk}"), 409) == "already_paid"
    assert client.get(f"/buy/{item.pk}").json()["id"] != first
    assert sorted(Order.objects.values_list("state", flat=True)) == [State.CHECKOUT, State.PAID]


def test_an_expired_session_is_replaced_and_its_stock_returns_once(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=1)
    first = client.get(f"/buy/{item.pk}").json()["id"]
    local_stripe.expire(first)
    assert client.get(f"/buy/{item.pk}").json()["id"] != first
    item.refresh_from_db()
    assert item.stock == 0
    assert sorted(Order.objects.values_list("state", flat=True)) == ["cancelled", "checkout"]


def test_a_session_that_stripe_does_not_know_is_replaced(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    first = client.get(f"/buy/{item.pk}").json()["id"]
    local_stripe.reset()
    assert client.get(f"/buy/{item.pk}").json()["id"] != first
    # Another account may have it, and the buyer may pay it there.
    assert first in OrderAlert.objects.get(resolved_at=None).message


def test_a_changed_price_ends_the_old_session(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    first = client.get(f"/buy/{item.pk}").json()["id"]
    Item.objects.update(price=Decimal("25"))
    second = client.get(f"/buy/{item.pk}").json()["id"]
    assert local_stripe.session(first)["status"] == "expired"
    assert local_stripe.session(second)["amount_total"] == 2500


def test_limited_stock_is_held_for_35_minutes_and_unlimited_for_a_day(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    for stock, minutes in ((5, 35), (None, 24 * 60 - 5)):
        client.get(f"/buy/{make_item(stock=stock).pk}")
        expires_at = Payment.objects.latest("pk").expires_at
        left = expires_at - timezone.now()
        assert timedelta(minutes=minutes - 2) < left <= timedelta(minutes=minutes)


def test_the_shop_can_hold_limited_stock_longer(
    client: Client, make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.HOLD_MINUTES = 60
    session_id = client.get(f"/buy/{make_item(stock=5).pk}").json()["id"]
    session = local_stripe.session(session_id)
    assert 59 * 60 <= session["expires_at"] - session["created"] <= 60 * 60


def test_each_currency_is_sold_by_its_own_account(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    euro = client.get(f"/buy/{make_item(currency='EUR').pk}").json()
    assert euro["publishable_key"] == "pk_test_minieuro"
    assert local_stripe.session(euro["id"], key="sk_test_minieuro")["currency"] == "eur"


def test_an_interrupted_call_is_repeated_with_the_same_key(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    first = client.get(f"/buy/{item.pk}").json()["id"]
    Payment.objects.update(stripe_id="")  # as after a crash before the id was stored
    assert client.get(f"/buy/{item.pk}").json()["id"] == first
    assert Payment.objects.get().state == PaymentState.OPEN


@pytest.mark.parametrize("change", ["late", "price"])
def test_an_interrupted_attempt_ends_if_its_session_would_be_wrong(
    client: Client, make_item: Any, local_stripe: LocalStripe, change: str
) -> None:
    item = make_item(stock=1)
    client.get(f"/buy/{item.pk}")
    Payment.objects.update(stripe_id="")
    if change == "late":  # too late for the shortest session that Stripe allows
        Payment.objects.update(expires_at=timezone.now() + timedelta(minutes=29))
    else:
        Item.objects.update(price=Decimal(25))
    answer = client.get(f"/buy/{item.pk}")
    assert answer.status_code == 200
    assert sorted(Payment.objects.values_list("state", flat=True)) == ["failed", "open"]
    amount = local_stripe.session(answer.json()["id"])["amount_total"]
    assert amount == (1999 if change == "late" else 2500)
