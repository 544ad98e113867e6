import pytest

from web.request_id import new_request_id, request_id


def test_there_is_none_outside_of_a_request() -> None:
    assert request_id() == ""


def test_each_request_has_its_own_and_takes_it_along() -> None:
    with new_request_id() as first:
        assert request_id() == first
    with new_request_id() as second:
        assert request_id() == second != first
    assert request_id() == ""


def test_it_ends_with_a_request_that_fails() -> None:
    with pytest.raises(ZeroDivisionError), new_request_id():
        raise ZeroDivisionError
    assert request_id() == ""
