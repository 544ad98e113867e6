"""A new session can be stored before Django's middleware would save it."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from web.sessions import SessionStore


@pytest.mark.parametrize(("seconds", "read"), [(60, {"visitor": "v"}), (-1, {})])
def test_a_session_is_read_until_it_ends(db: None, seconds: int, read: dict[str, str]) -> None:
    stored = SessionStore()
    stored["visitor"] = "v"
    stored.create()
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=seconds))
    session = SessionStore(stored.session_key)
    assert dict(session.items()) == read
    assert session.session_key == (stored.session_key if read else None)


def test_a_session_that_is_not_stored_is_empty(db: None) -> None:
    session = SessionStore("k" * 32)
    assert dict(session.items()) == {}
    assert session.session_key is None


def test_a_session_that_was_stored_is_not_saved_again(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = SessionStore()
    session["visitor"] = "v"
    session.store_new()
    assert session.modified  # so that the middleware sends the cookie
    with django_assert_num_queries(0):
        session.save()
    assert Session.objects.get().get_decoded() == {"visitor": "v"}


@pytest.mark.parametrize("change", [{"language": "ru"}, {"visitor": "w"}])
def test_a_later_change_is_saved(db: None, change: dict[str, str]) -> None:
    session = SessionStore()
    session["visitor"] = "v"
    session.store_new()
    session.update(change)
    session.save()
    assert Session.objects.get().get_decoded() == {"visitor": "v"} | change


def test_a_list_that_was_changed_in_place_is_saved(db: None) -> None:
    session = SessionStore()
    session["seen"] = [1]
    session.store_new()
    session["seen"].append(2)
    session.save()
    assert Session.objects.get().get_decoded() == {"seen": [1, 2]}


def test_a_key_that_is_taken_is_replaced(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    SessionStore().create()
    taken = Session.objects.get().session_key
    keys = iter([taken, "another-key"])
    monkeypatch.setattr("web.sessions.get_random_string", lambda *_: next(keys))
    session = SessionStore()
    session.create()
    assert session.session_key == "another-key"
