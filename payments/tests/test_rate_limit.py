from payments.models import PressCount
from payments.rate_limit import _counted


def test_counts_each_address_by_itself_and_by_the_minute(db: None) -> None:
    assert [_counted("a", 10), _counted("a", 10), _counted("b", 10), _counted("a", 11)] == [
        1,
        2,
        1,
        1,
    ]
    assert str(PressCount.objects.get(address="a", minute=10)) == "2 in minute 10"


def test_old_minutes_go_and_the_last_one_stays_for_slow_requests(db: None) -> None:
    for minute in (10, 11, 12):
        _counted("a", minute)
    assert set(PressCount.objects.values_list("minute", flat=True)) == {11, 12}
    assert _counted("a", 11) == 2
