"""GET and POST /buy/<id>, with the real stripe library talking to the local Stripe."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment, PaymentState
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import NOWHERE, error_of
from tests.support.local_stripe import LocalStripe


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
    found = (payment.stripe_id, payment.account, payment.livemode)
    assert found == (session_id, "default", False)
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


def test_the_plain_form_is_sent_to_stripe(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    answer = client.post(f"/buy/{item.pk}")
    assert answer.status_code == 303
    assert answer["Location"] == local_stripe.session(stripe_ids()[0])["url"]
    assert (
        shop_settings.STRIPE_API_BASE in answer["Content-Security-Policy"].split("form-action")[1]
    )


def test_the_form_needs_the_shops_own_token(item: Item, local_stripe: LocalStripe) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(f"/buy/{item.pk}")
    assert answer.status_code == 403
    assert "Please press the button again" in answer.content.decode()
    assert not Order.objects.exists()


def test_the_same_visitor_gets_the_same_open_session(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    client.get(f"/item/{item.pk}")
    ids = {client.get(f"/buy/{item.pk}").json()["id"] for _ in range(3)}
    assert len(ids) == 1
    assert Order.objects.count() == 1


def test_whoever_holds_the_last_piece_gets_their_session_back(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=1)
    first = client.get(f"/buy/{item.pk}").json()["id"]
    assert client.get(f"/buy/{item.pk}").json()["id"] == first
    assert error_of(Client().get(f"/buy/{item.pk}"), 409) == "sold_out"


def test_another_visitor_gets_another_session(item: Item, local_stripe: LocalStripe) -> None:
    assert len({Client().get(f"/buy/{item.pk}").json()["id"] for _ in range(3)}) == 3


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
    # No event and no buyer came back yet: this press is the first to hear of the money.
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


def test_a_session_that_stripe_forgot_is_replaced(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    first = client.get(f"/buy/{item.pk}").json()["id"]
    local_stripe.reset()
    assert client.get(f"/buy/{item.pk}").json()["id"] != first
    # Under other keys it may be known, and be paid: no event of it would be believed.
    assert first in alert_messages(Order.objects.needing_attention().get())


def test_a_changed_price_ends_the_old_session(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    first = client.get(f"/buy/{item.pk}").json()["id"]
    Item.objects.update(price=Decimal("25"))
    second = client.get(f"/buy/{item.pk}").json()["id"]
    assert local_stripe.session(first)["status"] == "expired"
    assert local_stripe.session(second)["amount_total"] == 2500


def test_limited_stock_is_held_for_31_minutes_and_unlimited_for_a_day(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    for stock, minutes in ((5, 31), (None, 24 * 60 - 1)):
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


def test_sold_out_is_409_and_makes_nothing(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    assert error_of(client.get(f"/buy/{make_item(stock=0).pk}"), 409) == "sold_out"
    assert not Order.objects.exists()


@pytest.mark.parametrize("values", [{"is_listed": False}, None])
def test_unknown_or_unlisted_item_is_404(
    client: Client, make_item: Any, values: dict[str, Any] | None
) -> None:
    number = make_item(**values).pk if values else 404404
    assert error_of(client.get(f"/buy/{number}"), 404) == "not_found"
    assert client.post(f"/buy/{number}").status_code == 404


def test_below_stripes_minimum_is_a_friendly_422_and_makes_nothing_to_pay(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(price=Decimal("0.10"), stock=1)
    assert error_of(client.get(f"/buy/{item.pk}"), 422) == "amount_too_small"
    item.refresh_from_db()
    assert item.stock == 1
    assert Order.objects.get().state == State.CANCELLED


def test_a_plain_form_that_is_refused_shows_the_item_with_the_message(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(name="Last lamp", stock=0)
    answer = client.post(f"/buy/{item.pk}")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "<h1>Last lamp</h1>" in page
    assert "Sorry, this item is sold out" in page


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"status": 500}, 503, "stripe_unavailable"),
        ({"status": 429}, 503, "stripe_unavailable"),
        ({"status": 409}, 503, "stripe_unavailable"),
        ({"status": 400}, 502, "stripe_refused"),
        ({"status": 401}, 502, "stripe_refused"),
        ({"drop": "before"}, 503, "stripe_unavailable"),
    ],
)
def test_a_stripe_that_fails_is_an_error_in_place_and_holds_nothing(
    client: Client,
    make_item: Any,
    local_stripe: LocalStripe,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    status: int,
    code: str,
) -> None:
    monkeypatch.setattr("stripe.max_network_retries", 0)
    item = make_item(stock=1)
    local_stripe.fail(**fault)
    assert error_of(client.get(f"/buy/{item.pk}"), status) == code
    if fault != {"status": 409}:  # there the call's twin is under way, and holds what it needs
        item.refresh_from_db()
        assert item.stock == 1
    assert client.get(f"/buy/{item.pk}").status_code == 200


def test_stripe_out_of_reach_is_503_with_retry_after(
    client: Client, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.api_base", NOWHERE)
    monkeypatch.setattr("stripe.max_network_retries", 0)
    answer = client.get(f"/buy/{item.pk}")
    assert error_of(answer, 503) == "stripe_unavailable"
    assert int(answer["Retry-After"]) > 0


def test_a_shop_without_keys_says_so(client: Client, item: Item, settings: Any) -> None:
    settings.STRIPE_ACCOUNTS = []
    assert error_of(client.get(f"/buy/{item.pk}"), 503) == "paying_not_set_up"
    assert not Order.objects.exists()


def test_head_makes_nothing(client: Client, item: Item) -> None:
    answer = client.head(f"/buy/{item.pk}")
    assert answer.status_code == 405
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_prefetch_or_another_sites_page_makes_nothing(
    client: Client, item: Item, headers: dict[str, str]
) -> None:
    assert error_of(client.get(f"/buy/{item.pk}", headers=headers), 503) == "not_pressed"
    assert not Order.objects.exists()


def test_robots_are_told_to_stay_away(client: Client, db: None) -> None:
    robots = client.get("/robots.txt")
    assert robots["Content-Type"].startswith("text/plain")
    assert "Disallow: /buy/" in robots.content.decode()


def test_too_many_presses_are_429_with_retry_after(
    client: Client, item: Item, settings: Any, local_stripe: LocalStripe
) -> None:
    settings.BUY_RATE_LIMIT = 2
    answers = [client.get(f"/buy/{item.pk}") for _ in range(5)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 1  # two minutes may share five presses
    assert error_of(refused[0], 429) == "too_many_requests"
    assert 0 < int(refused[0]["Retry-After"]) <= 60


def test_a_call_that_died_is_repeated_with_the_same_key(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    first = client.get(f"/buy/{item.pk}").json()["id"]
    Payment.objects.update(stripe_id="")  # as if the process had died before it could store the id
    assert client.get(f"/buy/{item.pk}").json()["id"] == first
    assert Payment.objects.get().state == PaymentState.OPEN


@pytest.mark.parametrize("change", ["late", "price"])
def test_a_call_that_died_is_given_up_when_its_session_would_be_wrong(
    client: Client, make_item: Any, local_stripe: LocalStripe, change: str
) -> None:
    item = make_item(stock=1)
    client.get(f"/buy/{item.pk}")
    Payment.objects.update(stripe_id="")
    if change == "late":  # too late for Stripe's shortest session
        Payment.objects.update(expires_at=timezone.now() + timedelta(minutes=29))
    else:
        Item.objects.update(price=Decimal(25))
    answer = client.get(f"/buy/{item.pk}")
    assert answer.status_code == 200
    assert sorted(Payment.objects.values_list("state", flat=True)) == ["failed", "open"]
    amount = local_stripe.session(answer.json()["id"])["amount_total"]
    assert amount == (1999 if change == "late" else 2500)
