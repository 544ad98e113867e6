"""The admin's login refuses further passwords of an address after too many wrong ones."""

import time
from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.models import User
from django.test import Client

from project import staff_login
from web.models import RequestCount

PASSWORD, WRONG = "long enough for once", "another"
TOO_MANY = "Too many logins from your address have failed. Wait 10 minutes and try again."


@pytest.fixture(autouse=True)
def _owner(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LOGIN_RATE_LIMIT = 2
    monkeypatch.setattr("time.time", lambda: 900 * 2_000_000 + 301.0)  # 5 of 15 minutes are over
    for name in ("owner", "packer"):
        User.objects.create_superuser(name, password=PASSWORD)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    passwords: list[str] = []
    encode = hashers.MD5PasswordHasher.encode

    def record(self: Any, password: str, salt: str) -> str:
        passwords.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", record)
    return passwords


def log_in(name: str = "owner", password: str = WRONG, address: str = "192.0.2.1") -> Any:
    form = {"username": name, "password": password}
    return Client().post("/admin/login/?next=/admin/", form, REMOTE_ADDR=address)


def test_refuses_a_name_before_its_password_is_hashed(hashed: list[str]) -> None:
    assert [log_in().status_code for _ in range(2)] == [200, 200]
    answer = log_in(password=PASSWORD)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "599"
    page = answer.content.decode()
    assert TOO_MANY in page
    assert 'name="username" value="owner"' in page
    assert PASSWORD not in hashed


def test_other_names_and_addresses_can_still_log_in() -> None:
    for _ in range(3):
        log_in()
    assert log_in("packer", PASSWORD).status_code == 302
    assert log_in("owner", PASSWORD, address="192.0.2.2").status_code == 302


def test_refuses_an_address_that_tries_many_names(hashed: list[str]) -> None:
    statuses = [log_in(f"name {number}").status_code for number in range(10)]
    assert statuses == [200] * 8 + [429] * 2
    assert log_in("owner", PASSWORD).status_code == 429
    assert len(hashed) == 8
    assert log_in("owner", PASSWORD, address="192.0.2.2").status_code == 302


def test_a_right_password_is_not_counted() -> None:
    for _ in range(20):
        assert log_in(password=PASSWORD).status_code == 302
    log_in()
    assert log_in(password=PASSWORD).status_code == 302
    log_in()
    assert log_in(password=PASSWORD).status_code == 429


def test_the_limit_ends_after_15_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        log_in()
    monkeypatch.setattr("time.time", lambda: 900 * 2_000_001.0)
    assert log_in(password=PASSWORD).status_code == 302
    assert "owner" not in str(list(RequestCount.objects.values_list()))


def test_a_limit_of_0_is_off(settings: Any) -> None:
    settings.LOGIN_RATE_LIMIT = 0
    assert [log_in().status_code for _ in range(4)] == [200] * 4
    assert log_in(password=PASSWORD).status_code == 302


def test_a_login_does_not_wait_for_others(hashed: list[str]) -> None:
    """It would keep a thread. It isn't a failed login, so it is not counted either."""
    start = time.monotonic()
    with ExitStack() as stack:
        for _ in range(staff_login.HASHES_AT_ONCE):
            stack.enter_context(staff_login._slots)
        answers = [log_in(password=PASSWORD) for _ in range(10)]
    assert time.monotonic() - start < 10
    for answer in answers:
        assert answer.status_code == 429
        assert answer["Retry-After"] == "2"
        assert "Others are logging in now. Try again." in answer.content.decode()
    assert hashed == []
    assert not RequestCount.objects.exists()
    assert log_in(password=PASSWORD).status_code == 302


def test_a_refused_login_keeps_no_other_one_from_its_turn() -> None:
    for _ in range(2):
        log_in()
    with ExitStack() as stack:
        for _ in range(staff_login.HASHES_AT_ONCE):
            stack.enter_context(staff_login._slots)
        assert TOO_MANY in log_in().content.decode()


@pytest.mark.parametrize("password", ["1", "12345678901", "password123", "my-owner"])
def test_a_weak_new_password_is_refused(client: Client, password: str) -> None:
    client.force_login(User.objects.get(username="owner"))
    form = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    answer = client.post("/admin/password_change/", form)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert User.objects.get(username="owner").check_password(PASSWORD)
