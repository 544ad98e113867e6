import pytest

from web.request_id import new_request_id, request_id


def test_there_is_no_id_outside_of_a_request() -> None:
    assert request_id() == ""


def test_each_request_has_a_different_id_and_ends_it() -> None:
    with new_request_id() as first:
        assert request_id() == first
    with new_request_id() as second:
        assert request_id() == second != first
    assert request_id() == ""


def test_the_id_ends_with_a_request_that_fails() -> None:
    with pytest.raises(ZeroDivisionError), new_request_id():
        raise ZeroDivisionError
    assert request_id() == ""
