"""Concurrent requests to the real server process."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import stripe

from tests.support import http
from tests.support.shops import Shop


def buy(
    shop: Shop,
    item: int = 1,
    client: httpx.Client | None = None,
    headers: dict[str, str] = http.BROWSER,
) -> dict[str, str]:
    answer = (client or http).get(f"{shop.address}/buy/{item}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def status_of(shop: Shop, token: str) -> str:
    page = http.get(f"{shop.address}/order/{token}").text
    return page.split('data-state="')[1].split('"')[0]


def test_curl_gets_the_item_as_html_and_the_session_as_json(shop: Shop) -> None:
    page = http.get(f"{shop.address}/item/1")
    assert page.headers["Content-Type"].startswith("text/html")
    assert ">Buy now</button>" in page.text
    session_id = buy(shop)["id"]
    key = shop.local_stripe.key_of(session_id)
    assert shop.local_stripe.session(session_id, key=key)["status"] == "open"


def test_three_concurrent_deliveries_of_an_event_pay_once(shop: Shop) -> None:
    shop.local_stripe.deliver_events(False)
    session_id = buy(shop)["id"]
    token = shop.local_stripe.token_of(session_id)
    shop.local_stripe.pay(session_id)
    shop.local_stripe.deliver_events(True)
    assert status_of(shop, token) == "checkout"
    body = json.dumps(
        {
            "id": "evt_three_times",
            "type": "checkout.session.completed",
            "livemode": False,
            "data": {"object": {"id": session_id}},
        }
    )
    secret = shop.local_stripe.key_of(session_id).replace("sk_test_", "whsec_")
    signature = stripe.WebhookSignature.generate_signature_header(body, secret)

    def deliver(_number: int) -> int:
        headers = {"Stripe-Signature": signature}
        return http.post(
            f"{shop.address}/stripe/webhook", content=body, headers=headers
        ).status_code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(deliver, range(3))) == [200, 200, 200]
    assert status_of(shop, token) == "paid"


def test_concurrent_presses_of_one_visitor_get_one_session(shop: Shop) -> None:
    with http.Client() as client:
        client.post(f"{shop.address}/order/lines", data={"item": 6}, headers=http.BROWSER)
        with ThreadPoolExecutor(4) as pool:
            ids = {found["id"] for found in pool.map(lambda _: buy(shop, 6, client), range(4))}
    assert len(ids) == 1


def test_concurrent_presses_of_a_program_get_one_session(shop: Shop) -> None:
    """A program without cookies is known by its address and its name."""
    with ThreadPoolExecutor(4) as pool:
        programs = [{"User-Agent": name} for name in ("curl/8", "curl/8", "curl/8", "wget")]
        found = list(pool.map(lambda headers: buy(shop, 6, headers=headers), programs))
    assert len({each["id"] for each in found}) == 2


def test_concurrent_visitors_all_get_a_session(shop: Shop) -> None:
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: buy(shop), range(40)))
    assert len({session["id"] for session in found}) == 40


def test_three_pieces_go_to_three_of_twelve_buyers(shop: Shop) -> None:
    item = int(
        shop.run_python(
            "from store.models import Item;"
            "print(Item.objects.create(name='Rare', price=5, currency='USD', stock=3).pk)"
        )
    )
    address = f"{shop.address}/buy/{item}"
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: http.get(address, headers=http.BROWSER), range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 9
    assert shop.run_python(f"print(Item.objects.get(pk={item}).stock)") == "0"
