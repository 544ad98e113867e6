"""The lines of an address stand in the order of its country."""

import pytest

from cart.models import ShippingAddress


@pytest.mark.parametrize(
    ("country", "state", "expected"),
    [
        ("US", "IL", ["Springfield, IL 62701", "United States"]),
        ("CA", "", ["Springfield, 62701", "Canada"]),
        ("AU", "NSW", ["Springfield, NSW 62701", "Australia"]),
        ("GB", "", ["Springfield", "62701", "United Kingdom"]),
        ("GB", "Kent", ["Springfield", "Kent", "62701", "United Kingdom"]),
        ("DE", "", ["62701 Springfield", "Germany"]),
        ("IT", "RM", ["62701 Springfield", "RM", "Italy"]),
    ],
)
def test_lines_of_an_address(country: str, state: str, expected: list[str]) -> None:
    address = ShippingAddress(
        name="Ada", line1="1 High Street", city="Springfield", postal_code="62701"
    )
    address.country, address.state = country, state
    assert address.as_lines() == ["Ada", "1 High Street", *expected]
    assert str(address) == f"Ada, 62701, Springfield, {country}"


def test_an_address_without_values_has_no_lines() -> None:
    assert ShippingAddress().as_lines() == []
    assert ShippingAddress(country="US", state="IL").as_lines() == ["IL", "United States"]
