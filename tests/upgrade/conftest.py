"""The database of the last release, migrated to today's models."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from store import search_index
from tests.settings import ON_POSTGRESQL
from tests.support.postgresql import empty_database
from tests.support.shop_row import forget_shop
from tests.upgrade.recording import Upgraded, differences, load, newest_release, read


@pytest.fixture(scope="module")
def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Upgraded]:
    """All code of the tests of the module uses this database."""
    recording = read(newest_release())
    later = timezone.now() - recording.recorded_at
    with (
        new_database(request, tmp_path_factory.mktemp("upgrade")) as name,
        django_db_blocker.unblock(),
        used_by_all_code(name),
    ):
        executor = MigrationExecutor(connections["default"])
        last = list(recording.migrations.items())
        executor.migrate(last)
        release = executor.loader.project_state(last).apps
        load(recording, release, later=later)
        search_index.prepare()  # as the `migrate` of the release did
        call_command("migrate", verbosity=0)
        found = list(differences(recording, release, later=later))
        yield Upgraded(recording, release, later, found)


@contextmanager
def new_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The name of an empty database, SQLite or PostgreSQL."""
    if not ON_POSTGRESQL:
        yield str(folder / "shop.sqlite3")
        return
    with empty_database(request.getfixturevalue("postgresql")) as address:
        yield urlsplit(address).path.removeprefix("/")


@contextmanager
def used_by_all_code(name: str) -> Iterator[None]:
    """Use this database in the place of the one of the tests."""
    tests = connections["default"]
    # Django keeps one pool for each alias; the pool has connections to the database of the tests.
    options = {key: value for key, value in tests.settings_dict["OPTIONS"].items() if key != "pool"}
    own = tests.settings_dict | {"NAME": name, "OPTIONS": options}
    connections["default"] = type(tests)(own, "default")
    _forget_rows()
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = tests
        _forget_rows()


def _forget_rows() -> None:
    """The process keeps some rows of the database."""
    ContentType.objects.clear_cache()
    forget_shop()
