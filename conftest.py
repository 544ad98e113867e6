"""Fixtures for all tests."""

import gc
import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright

from payments.stripe_api import clock
from store.models import Item
from tests.settings import ON_POSTGRESQL, SANDBOX_PORT
from tests.support import field_report, process_groups
from tests.support.browsers import launch
from tests.support.local_stripe import LocalStripe
from tests.support.presses import new_browser
from tests.support.processes import Program
from tests.support.shop_row import forget_shop
from web import short_cache

# A busy machine is not an error in the code.
hypothesis.settings.register_profile("minicart", deadline=None)
hypothesis.settings.load_profile("minicart")

# A slow test would read the shop again, which is one more statement than it expects.
short_cache.SECONDS = 3600

# The local Stripe is not measured, and the other tests look at the shop from outside.
WITHOUT_COVERAGE = ("stripe_sandbox", "tests")

MADE_BY_MIGRATE = (
    *("django_content_type", "auth_permission"),
    *("auth_group", "auth_group_permissions"),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Measure the coverage only where it is needed: a measured test takes half as long again.

    A unit test without a database is the same on PostgreSQL, so it isn't run there a second time.
    """
    folders = {item: item.path.relative_to(config.rootpath).parts[0] for item in items}
    for item, folder in folders.items():
        if folder in WITHOUT_COVERAGE:
            item.add_marker("no_cover")
    if ON_POSTGRESQL:
        same = {each for each in items if folders[each] != "tests" and not has_database(each)}
        config.hook.pytest_deselected(items=same)
        items[:] = [each for each in items if each not in same]


def pytest_collection_finish() -> None:
    """Let Python look for garbage in what the tests make, and not in all that was imported."""
    gc.collect()
    gc.freeze()


def has_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db"})


@pytest.fixture(scope="session", autouse=True)
def _no_process_is_left_behind() -> Iterator[None]:
    """Set up first, so that it looks after all other fixtures have stopped their programs."""
    yield
    assert process_groups.left_over() == []


@pytest.fixture(scope="session", autouse=True)
def _empty_the_database_quickly() -> Iterator[None]:
    """After a test with real transactions, keep the rows that `migrate` has made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", delete_rows)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_args, **_options: None)
        yield


def delete_rows(_style: object, connection: BaseDatabaseWrapper, **_options: object) -> list[str]:
    """For a few rows, DELETE is quicker than PostgreSQL's TRUNCATE."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    emptied = [each for each in tables if each not in MADE_BY_MIGRATE]
    return [f'DELETE FROM "{each}"' for each in emptied]  # noqa: S608  # names of our tables


@pytest.fixture(scope="session", autouse=True)
def _local_stripe_answers_like_stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail the run for every field of an answer or event that Stripe wouldn't send."""
    field_report.begin(tmp_path_factory.mktemp("fields"))
    yield
    assert field_report.differences() == []


@pytest.fixture(scope="session")
def stripe_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    """One local Stripe for all tests of this process."""
    command = [sys.executable, "-m", "stripe_sandbox", "--port", str(SANDBOX_PORT)]
    log = tmp_path_factory.mktemp("stripe") / "stripe.log"
    address = settings.STRIPE_API_BASE
    with (
        Program(command, os.environ, log, ready=f"{address}/_sandbox/config"),
        LocalStripe(address) as local_stripe,
    ):
        yield local_stripe


@pytest.fixture(autouse=True)
def _language_of_the_settings() -> Iterator[None]:
    """A request sets the language of its thread, and the next test may make no request."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _shop_of_the_test() -> Iterator[None]:
    """The process keeps the shop for seconds, and the database of the next test has another one."""
    yield
    forget_shop()


@pytest.fixture
def client() -> Client:
    return new_browser()


@pytest.fixture
def local_stripe(stripe_process: LocalStripe) -> LocalStripe:
    """The local Stripe, empty and well-behaved."""
    stripe_process.reset()
    clock.forget()
    return stripe_process


@pytest.fixture
def make_item(db: None) -> Any:
    def make(**values: Any) -> Item:
        defaults = {"name": "Mug", "description": "", "price": Decimal("19.99"), "currency": "USD"}
        return Item.objects.create(**(defaults | values))

    return make


@pytest.fixture
def item(make_item: Any) -> Item:
    made: Item = make_item(name="Stoneware mug", description="Holds 350 ml.")
    return made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright's event loop stays in this thread; Django would refuse queries of later tests.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = launch(playwright)
        yield browser
        browser.close()
