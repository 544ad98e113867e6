from collections.abc import Iterator
from itertools import count

import pytest
from django.db import transaction

from web import short_cache
from web.models import RequestCount
from web.short_cache import ShortCache


def numbers() -> ShortCache[int]:
    numbers: Iterator[int] = count(1)
    return ShortCache(lambda: next(numbers))


def test_keeps_the_value() -> None:
    cache = numbers()
    assert [cache.get(), cache.get(), cache.last] == [1, 1, 1]


def test_reads_it_again_after_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_cache, "SECONDS", 0)
    cache = numbers()
    assert [cache.get(), cache.get()] == [1, 2]


def test_reads_it_again_after_forget() -> None:
    cache = numbers()
    assert cache.get() == 1
    cache.forget()
    assert cache.last is None
    assert cache.get() == 2


def test_does_not_keep_a_value_that_was_read_before_a_change() -> None:
    values = iter(["old", "new"])

    def read() -> str:
        value = next(values)
        if value == "old":
            cache.forget()  # another thread saves a change while this one reads
        return value

    cache = ShortCache(read)
    assert [cache.get(), cache.get()] == ["old", "new"]


@pytest.mark.django_db(transaction=True)
def test_reads_it_again_after_a_change_in_this_process_and_again_after_its_commit() -> None:
    cache = numbers()
    cache.forget_after_changes(RequestCount)
    assert cache.get() == 1
    with transaction.atomic():
        row = RequestCount.objects.create(action="buy", address="a", minute=1, count=1)
        assert cache.get() == 2
    assert cache.get() == 3
    row.delete()
    assert cache.get() == 4
