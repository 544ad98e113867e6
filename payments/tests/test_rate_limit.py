import pytest

from payments.models import PressCount
from payments.rate_limit import _counted, _household


def test_counts_each_address_by_itself_and_by_the_minute(db: None) -> None:
    assert [_counted("a", 10), _counted("a", 10), _counted("b", 10), _counted("a", 11)] == [
        1,
        2,
        1,
        1,
    ]
    assert str(PressCount.objects.get(address="a", minute=10)) == "2 in minute 10"


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("", "", "192.0.2.1"),  # a socket of this machine
    ],
)
def test_one_household_has_many_addresses(address: str, same: str, other: str) -> None:
    assert _household(address) == _household(same)
    assert _household(address) != _household(other)


def test_old_minutes_go_and_the_last_one_stays_for_slow_requests(db: None) -> None:
    for minute in (10, 11, 12):
        _counted("a", minute)
    assert set(PressCount.objects.values_list("minute", flat=True)) == {11, 12}
    assert _counted("a", 11) == 2
