"""Fixtures of the search. `make test` runs its tests on SQLite and on PostgreSQL."""

from typing import Any

import pytest

from store import search
from tests.support.search import WAYS


@pytest.fixture(params=WAYS)
def _ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test once for each way in which a word can be found."""
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(search, name, value)


@pytest.fixture
def shop(make_item: Any, _ways: None) -> None:
    make_item(name="Crème brûlée dish", description="For a mug lover", price=9)
    make_item(name="Ёлочный шар", description="Стекло", price=4)
    make_item(name="Blue mug", description="Stoneware", price=20)
    make_item(name="Hidden mug", is_listed=False)
    make_item(name="Red mug", description="Stoneware, like the blue one", price=10)
    make_item(name="Straße poster", currency="EUR", price=30)
