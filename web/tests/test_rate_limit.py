import pytest
from django.test import RequestFactory

from web.models import RequestCount
from web.rate_limit import TooManyRequests, count_request, limit


def test_counts_each_address_action_and_minute_separately(db: None) -> None:
    assert count_request("buy", "a", 10) == 1
    assert count_request("buy", "a", 10) == 2
    assert count_request("buy", "b", 10) == 1
    assert count_request("find", "a", 10) == 1
    assert count_request("buy", "a", 11) == 1
    assert str(RequestCount.objects.get(count=2)) == "2 × buy in minute 10"


def test_all_addresses_of_an_ipv6_household_share_one_limit(rf: RequestFactory, db: None) -> None:
    for host in range(2):
        limit(rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{host}"), "buy", per_minute=2)
    with pytest.raises(TooManyRequests):
        limit(rf.get("/", REMOTE_ADDR="2001:db8:1:2:ffff::9"), "buy", per_minute=2)
    limit(rf.get("/", REMOTE_ADDR="2001:db8:1:3::1"), "buy", per_minute=2)


def test_the_wider_ipv6_network_has_four_times_the_limit(rf: RequestFactory, db: None) -> None:
    for household in range(4):
        limit(rf.get("/", REMOTE_ADDR=f"2001:db8:1:{household}::1"), "buy", per_minute=1)
    with pytest.raises(TooManyRequests):
        limit(rf.get("/", REMOTE_ADDR="2001:db8:1:4::1"), "buy", per_minute=1)
    limit(rf.get("/", REMOTE_ADDR="2001:db8:1:100::1"), "buy", per_minute=1)


def test_a_limit_of_0_is_off(rf: RequestFactory, db: None) -> None:
    for _ in range(3):
        limit(rf.get("/"), "buy", per_minute=0)
    assert not RequestCount.objects.exists()


def test_deletes_old_minutes_but_keeps_the_previous_one(db: None) -> None:
    for minute in (10, 11, 12):
        count_request("buy", "a", minute)
    assert set(RequestCount.objects.values_list("minute", flat=True)) == {11, 12}
    assert count_request("buy", "a", 11) == 2
