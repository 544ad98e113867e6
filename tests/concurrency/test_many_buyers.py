"""Many concurrent buyers at several server processes on one database."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest
import stripe

from tests.support import http
from tests.support.buyers import Visitor, transport
from tests.support.clusters import Cluster
from tests.support.waiting import wait_until

ROUNDS = 3

type Visitors = Callable[[int], list[Visitor]]


@pytest.fixture
def visitors(cluster: Cluster) -> Iterator[Visitors]:
    connections = transport()
    yield lambda count: [Visitor(cluster, connections) for _ in range(count)]
    connections.close()


def make_item(cluster: Cluster, **values: Any) -> int:
    """The id of a new item."""
    values = {"name": "Rare", "price": 5, "currency": "USD"} | values
    made = f"from store.models import Item; print(Item.objects.create(**{values!r}).pk)"
    return int(cluster.run_python(made))


def stock_of(cluster: Cluster, item: int) -> int:
    return int(cluster.run_python(f"print(Item.objects.get(pk={item}).stock)"))


def at_once[Answer](visitors: list[Visitor], act: Callable[[Visitor], Answer]) -> list[Answer]:
    start = Barrier(len(visitors))

    def wait_and_act(visitor: Visitor) -> Answer:
        start.wait()
        return act(visitor)

    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(pool.map(wait_and_act, visitors))


def outcomes(answers: list[httpx.Response]) -> Counter[str]:
    """How many got a session, and how many got which error code."""
    return Counter("session" if each.status_code == 200 else refusal(each) for each in answers)


def refusal(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.json()['error']['code']}"


def session_id(answers: list[httpx.Response]) -> str:
    return str(next(each.json()["id"] for each in answers if each.status_code == 200))


def test_last_piece_goes_to_one_of_64_buyers_and_returns_when_unpaid(
    cluster: Cluster, visitors: Visitors
) -> None:
    item = make_item(cluster, stock=1)
    answers = at_once(visitors(64), lambda visitor: visitor.get(f"/buy/{item}"))
    assert outcomes(answers) == {"session": 1, "409 sold_out": 63}
    assert stock_of(cluster, item) == 0
    cluster.local_stripe.expire(session_id(answers))
    wait_until(lambda: visitors(1)[0].get(f"/buy/{item}").status_code == 200)
    assert stock_of(cluster, item) == 0


def test_ten_pieces_go_to_ten_of_200_buyers(cluster: Cluster, visitors: Visitors) -> None:
    item = make_item(cluster, stock=10)
    answers = at_once(visitors(200), lambda visitor: visitor.get(f"/buy/{item}"))
    assert outcomes(answers) == {"session": 10, "409 sold_out": 190}
    assert len({each.json()["id"] for each in answers if each.status_code == 200}) == 10
    assert stock_of(cluster, item) == 0


def test_last_redemption_goes_to_one_buyer_and_returns_when_unpaid(
    cluster: Cluster, visitors: Visitors
) -> None:
    item = make_item(cluster)
    cluster.run_python(
        "from cart.models import Discount;"
        "Discount.objects.create(code='ONCE', percent=10, max_redemptions=1)"
    )
    buyers = visitors(64)

    def fill(visitor: Visitor) -> None:
        assert visitor.add(item).status_code == 303
        assert visitor.apply("once").status_code == 303

    at_once(buyers, fill)
    answers = at_once(buyers, lambda visitor: visitor.get("/order/buy"))
    assert outcomes(answers) == {"session": 1, "409 discount_refused": 63}
    first = session_id(answers)
    assert cluster.local_stripe.session(first)["amount_total"] == 450
    cluster.local_stripe.expire(first)
    loser = next(b for b, answer in zip(buyers, answers, strict=True) if answer.status_code == 409)
    wait_until(lambda: loser.get("/order/buy").status_code == 200)
    redeemed = "from cart.models import Discount; print(Discount.objects.get().times_redeemed)"
    assert cluster.run_python(redeemed) == "1"


def test_database_is_never_locked_for_twenty_concurrent_writers(
    cluster: Cluster, visitors: Visitors
) -> None:
    item = make_item(cluster, stock=1000)
    cluster.local_stripe.configure(redirect_wait=0)

    def write(visitor: Visitor) -> set[int]:
        statuses = set()
        for _ in range(ROUNDS):
            bought = visitor.get(f"/buy/{item}")
            added, ordered = visitor.add(item), visitor.get("/order/buy")
            for answer in (bought, ordered):
                cluster.local_stripe.pay(answer.json()["id"])
                statuses.add(tell(cluster, answer.json()["id"], "whsec_minicart"))
            statuses |= {bought.status_code, added.status_code, ordered.status_code}
        return statuses

    assert set.union(*at_once(visitors(20), write)) == {200, 303}
    assert stock_of(cluster, item) == 1000 - 20 * ROUNDS * 2
    assert "database is locked" not in cluster.said()


def test_each_currency_is_paid_at_its_own_account(cluster: Cluster, visitors: Visitors) -> None:
    items = [make_item(cluster, currency="USD"), make_item(cluster, currency="EUR")]
    accounts = ["minicart", "minieuro"]

    def buy_both(visitor: Visitor) -> list[Any]:
        return [visitor.get(f"/buy/{item}").json() for item in items]

    bought = at_once(visitors(50), buy_both)
    account_of = {each["id"]: each["account"] for each in cluster.local_stripe.all_sessions()}
    for both in bought:
        assert [account_of[each["id"]] for each in both] == accounts
        assert [each["publishable_key"] for each in both] == [f"pk_test_{a}" for a in accounts]
    dollars, euros = bought[0]
    assert tell(cluster, dollars["id"], "whsec_minieuro") == 400
    assert tell(cluster, euros["id"], "whsec_minicart") == 400
    assert tell(cluster, euros["id"], "whsec_minieuro") == 200


def tell(cluster: Cluster, about: str, secret: str) -> int:
    """Sends an event about this session, signed with `secret`; returns the status."""
    body = json.dumps(
        {
            "id": f"evt_{about}",
            "type": "checkout.session.completed",
            "livemode": False,
            "data": {"object": {"id": about}},
        }
    )
    signature = stripe.WebhookSignature.generate_signature_header(body, secret)
    headers = {"Stripe-Signature": signature}
    return http.post(cluster.webhook_url(0), content=body, headers=headers).status_code
