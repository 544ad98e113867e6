import pytest

from web.models import RequestCount
from web.rate_limit import count_request, network_prefix


def test_counts_each_address_action_and_minute_separately(db: None) -> None:
    assert count_request("buy", "a", 10) == 1
    assert count_request("buy", "a", 10) == 2
    assert count_request("buy", "b", 10) == 1
    assert count_request("find", "a", 10) == 1
    assert count_request("buy", "a", 11) == 1
    assert str(RequestCount.objects.get(count=2)) == "2 × buy in minute 10"


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("", "", "192.0.2.1"),  # a Unix socket
    ],
)
def test_addresses_of_one_network_count_as_one(address: str, same: str, other: str) -> None:
    assert network_prefix(address) == network_prefix(same)
    assert network_prefix(address) != network_prefix(other)


def test_deletes_old_minutes_but_keeps_the_previous_one(db: None) -> None:
    for minute in (10, 11, 12):
        count_request("buy", "a", minute)
    assert set(RequestCount.objects.values_list("minute", flat=True)) == {11, 12}
    assert count_request("buy", "a", 11) == 2
