"""The shop's processes and their connections to PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from tests.support import http
from tests.support.postgresql import empty_database
from tests.support.shops import Shop, running_shop

POOL_SIZE = 3
OF_THE_SHOP = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture(scope="module")
def database(postgresql: str) -> Iterator[str]:
    with empty_database(postgresql) as database:
        yield database


@pytest.fixture(scope="module")
def pooled_shop(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("pooled")
    with running_shop(folder, DATABASE_URL=database, DATABASE_POOL_SIZE=str(POOL_SIZE)) as shop:
        yield shop


def buy_at_once(shop: Shop, times: int) -> set[int]:
    with ThreadPoolExecutor(times) as pool:
        address = f"{shop.address}/buy/1"
        found = pool.map(lambda _: http.get(address, headers=http.BROWSER), range(times))
        return {answer.status_code for answer in found}


def test_many_buyers_share_a_few_connections(pooled_shop: Shop, database: str) -> None:
    assert buy_at_once(pooled_shop, 24) == {200}
    # Another test may have used the shell, which has a pool too.
    pooled_shop.run_python("from django.db import connection; connection.close_pool()")
    with psycopg.connect(database) as connection:
        count = connection.execute(f"SELECT count(*) {OF_THE_SHOP}").fetchone()
    assert POOL_SIZE <= (count or [0])[0] <= 2 * POOL_SIZE  # the pools of server and reconciler


def test_lost_connections_are_replaced(pooled_shop: Shop, database: str) -> None:
    buy_at_once(pooled_shop, 6)
    with psycopg.connect(database) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) {OF_THE_SHOP}")
    assert buy_at_once(pooled_shop, 6) == {200}


def test_database_limits_waiting_times(pooled_shop: Shop) -> None:
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    shown = pooled_shop.run_python(
        "from django.db import connection\n"
        "with connection.cursor() as cursor:\n"
        f"    for name in {names}:\n"
        "        print(cursor.execute(f'SHOW {name}').fetchone()[0])"
    )
    assert shown.split() == ["10s", "30s", "1min"]


def test_no_connection_is_held_while_waiting_for_stripe(pooled_shop: Shop) -> None:
    """More purchases wait for Stripe than there are connections."""
    stripe = pooled_shop.local_stripe
    stripe.reset()
    stripe.slow_down(5)
    with ThreadPoolExecutor(2 * POOL_SIZE) as pool:
        address = f"{pooled_shop.address}/buy/1"
        press = partial(http.get, address, headers=http.BROWSER)
        buying = [pool.submit(press) for _ in range(2 * POOL_SIZE)]
        while len(stripe.requests("POST", "/v1/checkout/sessions")) < 2 * POOL_SIZE:
            assert not any(each.done() for each in buying)
        assert {each.result().status_code for each in buying} == {200}
    stripe.slow_down(0)
