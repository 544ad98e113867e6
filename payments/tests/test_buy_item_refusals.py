"""GET and POST /buy/<id> when nothing can be bought: each error creates and holds nothing."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from cart.models import Order, State
from store.models import Item
from tests.support.answers import NOWHERE, error_of
from tests.support.local_stripe import LocalStripe
from tests.support.presses import new_browser
from tests.support.statements import count_twice, fails_at
from web.models import RequestCount


def test_sold_out_is_409_and_creates_nothing(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    assert error_of(client.get(f"/buy/{make_item(stock=0).pk}"), 409) == "sold_out"
    assert not Order.objects.exists()


@pytest.mark.parametrize("way", ["checkout", "intent"])
def test_a_refused_press_of_a_new_visitor_makes_no_session(
    make_item: Any, local_stripe: LocalStripe, way: str
) -> None:
    sold_out, changed = make_item(stock=0).pk, make_item(stock=1).pk
    for number, seen in ((404404, {}), (sold_out, {}), (changed, {"seen_amount": 1})):
        browser = new_browser()
        if way == "intent":
            answer = browser.post(f"/buy/{number}/intent", seen)
        else:
            answer = browser.get(f"/buy/{number}", seen)
        assert answer.status_code in (404, 409)
        assert "sessionid" not in answer.cookies
    assert not Session.objects.exists()


@pytest.mark.parametrize("values", [{"is_listed": False}, None])
def test_unknown_or_unlisted_item_is_404(
    client: Client, make_item: Any, values: dict[str, Any] | None
) -> None:
    number = make_item(**values).pk if values else 404404
    assert error_of(client.get(f"/buy/{number}"), 404) == "not_found"
    assert client.post(f"/buy/{number}").status_code == 404


def test_below_stripes_minimum_is_422_and_holds_nothing(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(price=Decimal("0.10"), stock=1)
    assert error_of(client.get(f"/buy/{item.pk}"), 422) == "amount_too_small"
    item.refresh_from_db()
    assert item.stock == 1
    assert Order.objects.get().state == State.CANCELLED


def test_a_refused_form_shows_the_item_with_the_message(
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
def test_an_error_of_stripe_is_json_and_holds_nothing(
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
    if fault != {"status": 409}:  # another process makes the same call and needs the hold
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


def test_without_keys_is_503_and_creates_nothing(client: Client, item: Item, settings: Any) -> None:
    settings.STRIPE_ACCOUNTS = []
    assert error_of(client.get(f"/buy/{item.pk}"), 503) == "paying_not_set_up"
    assert not Order.objects.exists()


def test_rejects_head(client: Client, item: Item) -> None:
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
def test_a_prefetch_or_a_page_of_another_site_creates_nothing(
    client: Client, item: Item, headers: dict[str, str]
) -> None:
    assert error_of(client.get(f"/buy/{item.pk}", headers=headers), 503) == "not_pressed"
    assert not Order.objects.exists()


def test_robots_txt_disallows_the_address(client: Client, db: None) -> None:
    robots = client.get("/robots.txt")
    assert robots["Content-Type"].startswith("text/plain")
    assert "Disallow: /buy/" in robots.content.decode()


def test_too_many_presses_are_429_with_retry_after(
    client: Client, item: Item, settings: Any, local_stripe: LocalStripe
) -> None:
    settings.BUY_RATE_LIMIT = 2
    answers = [client.get(f"/buy/{item.pk}") for _ in range(5)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 1  # not 3, because a new minute may begin during the five presses
    assert error_of(refused[0], 429) == "too_many_requests"
    assert 0 < int(refused[0]["Retry-After"]) <= 60


@pytest.mark.django_db(transaction=True)
def test_a_press_that_fails_is_counted(item: Item, local_stripe: LocalStripe) -> None:
    client = new_browser()
    client.raise_request_exception = False
    with fails_at("INSERT INTO cart_order"):
        assert client.get(f"/buy/{item.pk}").status_code == 500
    assert RequestCount.objects.get().count == 1


@pytest.mark.django_db(transaction=True)
def test_a_press_that_another_one_overtook_at_the_limit_stores_nothing(
    item: Item, settings: Any, local_stripe: LocalStripe
) -> None:
    settings.BUY_RATE_LIMIT = 1
    with count_twice():
        answer = new_browser().get(f"/buy/{item.pk}")
    assert error_of(answer, 429) == "too_many_requests"
    assert "sessionid" not in answer.cookies
    assert not Order.objects.exists()
    assert not Session.objects.exists()
