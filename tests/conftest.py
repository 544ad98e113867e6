from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.settings import ON_POSTGRESQL
from tests.support import browsers
from tests.support.clusters import Cluster, running_cluster
from tests.support.items import change_item, make_item
from tests.support.postgresql import empty_database, postgresql_server
from tests.support.shops import Shop, running_shop


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server."""
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def shop(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Shop]:
    """A shop as `make run` starts it, on the database of this test run."""
    folder = tmp_path_factory.mktemp("shop")
    with (
        database_of_this_run(request) as environment,
        running_shop(folder, **environment) as shop,
    ):
        yield shop


@pytest.fixture(scope="session")
def running(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with (
        database_of_this_run(request) as environment,
        running_cluster(folder, environment) as cluster,
    ):
        yield cluster


@pytest.fixture
def cluster(running: Cluster) -> Cluster:
    """Two server processes and a reconciler; the local Stripe empty and well-behaved."""
    running.local_stripe.reset()
    return running


@pytest.fixture(scope="module")
def limiting_cluster(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    """One with the limits on what an address holds, which the others don't have."""
    folder = tmp_path_factory.mktemp("limiting")
    limits = {"HELD_PIECES_PER_ADDRESS": "4", "OPEN_ATTEMPTS_PER_ADDRESS": "9"}
    # PostgreSQL accepts 100 connections, and the other cluster may keep more than 40 of them.
    small_pool = {"DATABASE_POOL_SIZE": "10"}
    with (
        database_of_this_run(request) as environment,
        running_cluster(folder, environment | limits | small_pool) as cluster,
    ):
        yield cluster


@contextmanager
def database_of_this_run(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment for an empty database: PostgreSQL where this run is about it, or SQLite."""
    if not ON_POSTGRESQL:
        yield {}
        return
    with empty_database(request.getfixturevalue("postgresql")) as address:
        yield {"DATABASE_URL": address}


@pytest.fixture(scope="session")
def discounts_and_taxes(shop: Shop) -> None:
    """A code for 10 % off, an exclusive and an inclusive tax, unless the shop has them already."""
    shop.run_python(
        "from decimal import Decimal; from cart.models import Discount, Tax;"
        "Discount.objects.get_or_create(code='TEN', defaults={'percent': Decimal(10)});"
        "Tax.objects.get_or_create(display_name='VAT', percentage=Decimal(20));"
        "Tax.objects.get_or_create("
        "display_name='Levy', percentage=Decimal('2.5'), is_inclusive=True)"
    )


@pytest.fixture
def new_item(shop: Shop) -> Iterator[Callable[..., int]]:
    """Makes items that the list no longer shows after the test."""
    made: list[int] = []

    def make(**fields: Any) -> int:
        made.append(make_item(shop, **fields))
        return made[-1]

    yield make
    for item in made:
        change_item(shop, item, is_listed=False)


@pytest.fixture
def new_context(browser: Browser, shop: Shop) -> Iterator[Any]:
    """Makes browser contexts at the shop. Page errors and policy violations fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(**options: Any) -> BrowserContext:
        context = browsers.new_context(browser, shop.address, **options)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", lambda message: _note(message, errors))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert errors == []


def _note(message: Any, errors: list[str]) -> None:
    if message.type == "error" and "Failed to load resource" not in message.text:
        errors.append(message.text)


@pytest.fixture
def page(new_context: Any) -> Page:
    page: Page = new_context().new_page()
    return page


@pytest.fixture
def plain_page(new_context: Any) -> Page:
    """A browser without JavaScript."""
    page: Page = new_context(java_script_enabled=False).new_page()
    return page
