"""What a buyer who holds limited pieces reads, what others read, and how the hold is given back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again
from tests.support.presses import (
    buy_cart,
    intent_of_cart,
    intent_of_item,
    new_browser,
    session_of_cart,
)

RESERVED = "Reserved for you for 35 more minutes: continue to pay."
BEING_PAID = "Somebody is paying for the last one. It may come back."
JSON = {"Accept": "application/json"}
pytestmark = pytest.mark.django_db(transaction=True)


def text_of(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def cancel_path() -> str:
    return f"/order/{Order.objects.latest('pk').token}/cancel"


def test_the_item_page_offers_the_holder_to_continue(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    first = client.get(f"/buy/{last_piece.pk}").json()
    page = text_of(client, f"/item/{last_piece.pk}")
    assert RESERVED in page
    assert "Sold out" not in page
    assert BEING_PAID not in page
    assert 'data-buy-button aria-describedby="buy-message-USD" >Buy now</button>' in page
    assert client.get(f"/buy/{last_piece.pk}?seen_amount=1999").json() == first


def test_others_read_that_somebody_is_paying(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    client.get(f"/buy/{last_piece.pk}")
    for other in (Client(), new_browser()):
        page = text_of(other, f"/item/{last_piece.pk}")
        assert BEING_PAID in page
        assert RESERVED not in page
        assert page.count("disabled") == 1


def test_a_piece_that_waits_for_a_voucher_may_come_back(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=1, currency="EUR")
    local_stripe.configure(delayed_seconds=None)
    local_stripe.pay_intent(intent_of_item(client, item), method="multibanco")
    assert look_again(Payment.objects.get()).state == State.PROCESSING
    assert BEING_PAID in text_of(new_browser(), f"/item/{item.pk}")


def test_a_sold_out_item_that_nobody_is_paying_may_not_come_back(
    client: Client, make_item: Any
) -> None:
    assert BEING_PAID not in text_of(client, f"/item/{make_item(stock=0).pk}")


def test_a_hold_in_the_cart_is_said_in_the_cart_and_at_the_item(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    add(client, last_piece)
    first = session_of_cart(client)
    assert RESERVED in text_of(client, "/order")
    page = text_of(client, f"/item/{last_piece.pk}")
    assert f'{RESERVED} <a href="/order">To the cart</a>' in page
    assert "data-buy-button" not in page
    assert session_of_cart(client) == first


def test_what_never_runs_out_is_not_reserved(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    session_of_cart(client)
    assert "Reserved" not in text_of(client, "/order")
    assert "Reserved" not in text_of(client, f"/item/{item.pk}")


def test_an_overdue_hold_is_not_reserved(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    client.get(f"/buy/{last_piece.pk}")
    Payment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Reserved" not in text_of(client, f"/item/{last_piece.pk}")


@pytest.mark.parametrize("press", [intent_of_cart, session_of_cart])
def test_stopping_frees_what_the_cart_held(
    client: Client, last_piece: Item, local_stripe: LocalStripe, press: Any
) -> None:
    add(client, last_piece)
    press(client)
    answer = client.post(cancel_path())
    assert (answer.status_code, answer["Location"]) == (303, "/order")
    last_piece.refresh_from_db()
    assert last_piece.stock == 1
    assert Order.objects.get().state == State.CART
    assert Order.objects.get().history.filter(kind="closed").exists()


def test_closing_pay_here_frees_the_piece(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    path = client.post(f"/buy/{last_piece.pk}/intent").json()["cancel_url"]
    assert client.post(path, headers=JSON).json() == {}
    last_piece.refresh_from_db()
    assert last_piece.stock == 1
    assert local_stripe.intents()[0]["status"] == "canceled"
    assert client.post(path, headers=JSON).json() == {}  # a second press changes nothing
    assert client.post(path)["Location"] == f"/item/{last_piece.pk}"
    assert client.get(path)["Location"] == f"/order/{Order.objects.get().token}"


def test_nobody_else_can_stop_a_payment(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    client.get(f"/buy/{last_piece.pk}")
    other = new_browser()
    add(other, last_piece)
    path = f"/order/{Payment.objects.get().order.token}/cancel"
    for stranger in (other, Client()):
        assert stranger.post(path).status_code == 404
    assert Order.objects.filter(state=State.CHECKOUT).exists()
    Order.objects.update(visitor="")
    assert Client().post(path).status_code == 404
    assert Client().post(f"/order/{'x' * 32}/cancel").status_code == 404


def test_stopping_after_the_session_was_lost_says_why_and_leads_on(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    client.get(f"/buy/{last_piece.pk}")
    path, sentence = cancel_path(), "This browser doesn’t know that order any more"
    client.cookies.clear()
    assert error_of(client.post(path, headers=JSON), 404) == "unknown_order"
    for fields, way_on in (({}, "Look at the items"), ({"another_way": "1"}, "Not paid yet?")):
        answer = client.post(path, fields)
        page = answer.content.decode()
        assert (answer.status_code, sentence in page, way_on in page) == (404, True, True)
    assert Order.objects.filter(state=State.CHECKOUT).exists()


def test_stopping_a_payment_that_is_paid_shows_its_receipt(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    intent_id = intent_of_item(client, item)
    local_stripe.deliver_events(False)
    local_stripe.pay_intent(intent_id, card="4242424242424242")
    assert error_of(client.post(cancel_path(), headers=JSON), 409) == "already_paid"
    assert client.post(cancel_path())["Location"] == Order.objects.get().get_absolute_url()
    assert Order.objects.get().state == State.PAID


def test_stripe_away_is_said_in_the_cart(
    client: Client, last_piece: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.max_network_retries", 0)
    add(client, last_piece)
    session_of_cart(client)
    local_stripe.fail(path="/v1/", status=500, calls=9)
    answer = client.post(cancel_path())
    assert answer.status_code == 503
    assert "We can’t reach the payment page right now." in answer.content.decode()
    assert error_of(client.post(cancel_path(), headers=JSON), 503) == "stripe_unavailable"
    assert buy_cart(client).status_code == 503


def test_stopping_ends_an_attempt_whose_call_has_died(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    client.get(f"/buy/{last_piece.pk}")
    Payment.objects.update(stripe_id="")
    assert client.post(cancel_path()).status_code == 303
    last_piece.refresh_from_db()
    assert last_piece.stock == 1


def test_another_press_says_that_the_holder_has_it(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    """In a page that was opened before: Buy while the cart holds it, Add while one-click does."""
    add(client, last_piece)
    session_of_cart(client)
    assert error_of(client.get(f"/buy/{last_piece.pk}"), 409) == "held_already"
    answer = client.post(f"/buy/{last_piece.pk}")
    assert "reserved for you already" in answer.content.decode()
    client.post(cancel_path())
    line = Order.objects.get().lines.get()
    client.post(f"/order/lines/{line.pk}/remove")
    client.get(f"/buy/{last_piece.pk}")
    for htmx in (True, False):
        answer = add(client, last_piece, htmx=htmx)
        assert answer.status_code == 409
        assert "reserved for you already" in answer.content.decode()


def test_pay_here_alone_says_why_the_cart_cannot_be_paid(
    client: Client, make_item: Any, settings: Any
) -> None:
    settings.PAYMENT_METHODS = ["intent"]
    add(client, make_item(price="150000"), quantity=7)
    message = text_of(client, "/order").split('id="pay-here-message-USD"')[1][:99]
    assert "at most $999,999.99" in message


def test_a_cart_says_who_holds_a_sold_out_line(
    client: Client, last_piece: Item, local_stripe: LocalStripe
) -> None:
    other = new_browser()
    for each in (client, other):
        add(each, last_piece)
    client.get(f"/buy/{last_piece.pk}")
    assert "reserved for you already" in text_of(client, "/order")
    assert BEING_PAID in text_of(other, "/order")
    client.post(cancel_path())
    Item.objects.update(stock=0)
    assert "This item is sold out. Remove it to go on." in text_of(other, "/order")


@pytest.mark.parametrize("fields", [{}, {"another_way": "1"}])
def test_too_many_endings_are_refused_in_place(
    client: Client,
    last_piece: Item,
    local_stripe: LocalStripe,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    fields: dict[str, str],
) -> None:
    client.get(f"/buy/{last_piece.pk}")
    settings.WRITE_RATE_LIMIT = 1
    monkeypatch.setattr("time.time", lambda: 60_000_015.0)
    Client().post("/order/lines")
    answer = client.post(cancel_path(), fields)
    assert (answer.status_code, answer["Retry-After"]) == (429, "45")
    assert "You have tried too often. Please wait a minute" in answer.content.decode()
    refused = client.post(cancel_path(), fields, headers=JSON)
    assert error_of(refused, 429) == "too_many_requests"
    assert Order.objects.get().state == State.CHECKOUT
