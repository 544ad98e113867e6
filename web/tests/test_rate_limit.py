import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from web.models import RequestCount
from web.rate_limit import TooManyRequests, check_limit, count_request, limit


def test_counts_each_address_action_and_minute_separately(db: None) -> None:
    assert count_request("buy", "a", 10) == 1
    assert count_request("buy", "a", 10) == 2
    assert count_request("buy", "b", 10) == 1
    assert count_request("find", "a", 10) == 1
    assert count_request("buy", "a", 11) == 1
    assert str(RequestCount.objects.get(count=2)) == "2 × buy in minute 10"


def test_all_addresses_of_an_ipv6_household_share_one_limit(rf: RequestFactory, db: None) -> None:
    for host in range(2):
        limit(rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{host}"), "buy", at_most=2)
    with pytest.raises(TooManyRequests):
        limit(rf.get("/", REMOTE_ADDR="2001:db8:1:2:ffff::9"), "buy", at_most=2)
    limit(rf.get("/", REMOTE_ADDR="2001:db8:1:3::1"), "buy", at_most=2)


def test_the_wider_ipv6_network_has_four_times_the_limit(rf: RequestFactory, db: None) -> None:
    for household in range(4):
        limit(rf.get("/", REMOTE_ADDR=f"2001:db8:1:{household}::1"), "buy", at_most=1)
    with pytest.raises(TooManyRequests):
        limit(rf.get("/", REMOTE_ADDR="2001:db8:1:4::1"), "buy", at_most=1)
    limit(rf.get("/", REMOTE_ADDR="2001:db8:1:100::1"), "buy", at_most=1)


def test_a_limit_of_0_is_off(rf: RequestFactory, db: None) -> None:
    for _ in range(3):
        limit(rf.get("/"), "buy", at_most=0)
    assert not RequestCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deletes_old_minutes_but_keeps_the_previous_one() -> None:
    for minute in (10, 11, 12):
        count_request("buy", "a", minute)
    assert set(RequestCount.objects.values_list("minute", flat=True)) == {11, 12}
    assert count_request("buy", "a", 11) == 2


@pytest.mark.django_db(transaction=True)
def test_deletes_old_minutes_after_the_transaction_of_the_request() -> None:
    """Otherwise it would wait for the counts of other addresses, and could deadlock with them."""
    count_request("buy", "a", 10)
    with transaction.atomic():
        count_request("buy", "b", 12)
        assert RequestCount.objects.count() == 2
    assert RequestCount.objects.get().minute == 12


def test_counts_what_it_is_about_separately(rf: RequestFactory, db: None) -> None:
    for name in ("ann", "bob"):
        check_limit(rf.get("/"), "login", at_most=1, about=name).count()
    with pytest.raises(TooManyRequests):
        check_limit(rf.get("/"), "login", at_most=1, about="ann").count()
    assert "ann" not in str(list(RequestCount.objects.values_list()))


def test_a_limit_can_last_for_minutes(
    rf: RequestFactory, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([900.0, 1799.0, 1800.0])
    monkeypatch.setattr("time.time", lambda: next(times))
    check_limit(rf.get("/"), "login", at_most=1, minutes=15).count()
    with pytest.raises(TooManyRequests) as refused:
        check_limit(rf.get("/"), "login", at_most=1, minutes=15).count()
    assert refused.value.retry_after == 1
    check_limit(rf.get("/"), "login", at_most=1, minutes=15).count()


def test_a_count_can_be_given_back(rf: RequestFactory, db: None) -> None:
    request = rf.get("/", REMOTE_ADDR="2001:db8::1")
    for _ in range(6):
        checked = check_limit(request, "login", at_most=1, minutes=15)
        checked.count()
        checked.give_back()
    assert set(RequestCount.objects.values_list("count", flat=True)) == {0}
    checked.give_back()  # not below zero


def test_a_count_is_given_back_after_the_end_of_its_minutes(
    rf: RequestFactory, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 900 * 2_000_000 - 1.0)
    checked = check_limit(rf.get("/"), "login", at_most=1, minutes=15)
    checked.count()
    monkeypatch.setattr("time.time", lambda: 900 * 2_000_000 + 1.0)
    checked.give_back()
    assert RequestCount.objects.get().count == 0


def test_a_refused_request_writes_nothing(rf: RequestFactory, db: None) -> None:
    requests = [rf.get("/", REMOTE_ADDR=address) for address in ("192.0.2.1", "2001:db8::1")]
    for request in requests:
        check_limit(request, "login", at_most=1, minutes=15).count()
    counted = list(RequestCount.objects.order_by("pk").values())
    for request in requests:
        with CaptureQueriesContext(connection) as queries, pytest.raises(TooManyRequests):
            check_limit(request, "login", at_most=1, minutes=15).count()
        assert [query["sql"].split()[0] for query in queries] == ["SELECT"]
    assert list(RequestCount.objects.order_by("pk").values()) == counted


@pytest.mark.django_db(transaction=True)
def test_counts_in_transactions(rf: RequestFactory) -> None:
    """On SQLite only a transaction takes its turn in the queue of the writers."""
    with CaptureQueriesContext(connection) as queries:
        checked = check_limit(rf.get("/"), "login", at_most=1, minutes=15)
        checked.count()
        checked.give_back()
    statements = " ".join(query["sql"].split()[0] for query in queries)
    assert re.sub("BEGIN .*?COMMIT", "", statements).split() == ["SELECT"]
    assert "INSERT" in statements
    assert "UPDATE" in statements


def test_a_request_can_be_checked_without_counting_it(rf: RequestFactory, db: None) -> None:
    for _ in range(3):
        check_limit(rf.get("/"), "login", at_most=1)
    assert not RequestCount.objects.exists()
    limit(rf.get("/"), "login", at_most=1)
    with pytest.raises(TooManyRequests):
        check_limit(rf.get("/"), "login", at_most=1)


def test_a_request_that_another_one_overtook_is_over_the_limit(
    rf: RequestFactory, db: None
) -> None:
    """The other one is counted between the look at the count and its change."""
    others: list[str] = []

    def count_other_first(execute: Any, sql: str, *rest: Any) -> Any:
        if "INSERT INTO web_requestcount" in sql and not others:
            others.append(sql)
            execute(sql, *rest)
        return execute(sql, *rest)

    with connection.execute_wrapper(count_other_first), pytest.raises(TooManyRequests):
        limit(rf.get("/"), "buy", at_most=1)
    assert RequestCount.objects.get().count == 2
