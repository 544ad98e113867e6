"""Stripe hangs, fails or is unreachable: every buyer gets an answer and keeps the cart."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest

from tests.conftest import database_of_this_run
from tests.support import http
from tests.support.buyers import Visitor, transport
from tests.support.clusters import Cluster, running_cluster
from tests.support.waiting import wait_until

BUYERS = 40
# The longest time that a buyer may wait. After it this client fails.
SECONDS = 15
# Half of a server's 64 threads may wait for Stripe at the same time.
HANGING = 32


@pytest.fixture(scope="module")
def one_server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("outage")
    with (
        database_of_this_run(request) as environment,
        running_cluster(folder, environment, servers=1) as cluster,
    ):
        yield cluster


@pytest.fixture
def item(one_server: Cluster) -> int:
    made = "from store.models import Item; print(Item.objects.create(**{}).pk)".format(
        {"name": "Mug", "price": 5, "currency": "USD", "stock": 500}
    )
    return int(one_server.run_python(made))


@pytest.fixture
def buyers(one_server: Cluster, item: int) -> Iterator[list[Visitor]]:
    """Each has two pieces in the cart."""
    connections = transport()
    buyers = [Visitor(one_server, connections) for _ in range(BUYERS)]
    for buyer in buyers:
        assert buyer.add(item, quantity=2).status_code == 303
    yield buyers
    connections.close()


@contextmanager
def hanging(cluster: Cluster) -> Iterator[None]:
    cluster.local_stripe.configure(outage="hang")
    yield
    cluster.local_stripe.configure(outage=None)


@contextmanager
def failing(cluster: Cluster) -> Iterator[None]:
    cluster.local_stripe.configure(outage="500")
    yield
    cluster.local_stripe.configure(outage=None)


@contextmanager
def gone(cluster: Cluster) -> Iterator[None]:
    cluster.stripe.kill()
    yield
    cluster.stripe.start()
    cluster.stripe.wait_until_ready()


def buy(buyer: Visitor) -> httpx.Response:
    return buyer.get("/order/buy", timeout=SECONDS)


@pytest.mark.parametrize("outage", [hanging, failing, gone])
def test_every_buyer_gets_a_message_in_time_and_keeps_the_cart(
    one_server: Cluster,
    buyers: list[Visitor],
    item: int,
    outage: Callable[[Cluster], AbstractContextManager[None]],
) -> None:
    with outage(one_server), ThreadPoolExecutor(BUYERS) as pool:
        for answer in pool.map(buy, buyers):
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "stripe_unavailable"
            assert "Nothing was charged" in answer.json()["error"]["message"]
    for buyer in buyers:
        cart = buyer.get("/order").text
        assert f'href="/item/{item}"' in cart
        assert 'class="field" id="quantity-' in cart
    held = (
        "from cart.models import HELD, Order;"
        f"print(Item.objects.get(pk={item}).stock,"
        f" Order.objects.filter(lines__item={item}, state__in=HELD).count())"
    )
    assert one_server.run_python(held) == "500 0"
    assert buy(buyers[0]).status_code == 200


def test_other_pages_respond_while_calls_to_stripe_hang(
    one_server: Cluster, buyers: list[Visitor], item: int
) -> None:
    def calls_that_hang() -> int:
        return len(one_server.local_stripe.requests("POST", "/v1/checkout/sessions"))

    one_server.local_stripe.reset()
    with hanging(one_server), ThreadPoolExecutor(BUYERS) as pool:
        presses = [pool.submit(buy, buyer) for buyer in buyers]
        wait_until(lambda: calls_that_hang() >= HANGING)
        for path in ("/", f"/item/{item}"):
            assert http.get(one_server.addresses[0] + path, timeout=SECONDS).status_code == 200
        # Buyers above the limit got an answer at once; the others still wait for Stripe.
        assert sum(not press.done() for press in presses) >= HANGING
        assert {press.result().status_code for press in presses} == {503}
