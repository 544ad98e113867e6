from typing import Any

import pytest
from django.test import RequestFactory

from web.client_address import network_hashes, networks_of, widest_network_hash


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("192.0.2.1", ["192.0.2.1"]),
        ("::ffff:192.0.2.1", ["192.0.2.1"]),
        ("2001:db8:1:2::1", ["2001:db8:1:2::/64", "2001:db8:1::/56"]),
        ("", [""]),  # a Unix socket
    ],
)
def test_networks_of_an_address(address: str, networks: list[str]) -> None:
    assert networks_of(address) == networks


def test_the_hashes_need_the_secret_key_and_hide_the_address(
    rf: RequestFactory, settings: Any
) -> None:
    request = rf.get("/", REMOTE_ADDR="192.0.2.1")
    [first] = network_hashes(request)
    settings.SECRET_KEY = "another"
    assert network_hashes(request) != [first]


def test_the_widest_network_is_the_last(rf: RequestFactory) -> None:
    request = rf.get("/", REMOTE_ADDR="2001:db8:1:2::1")
    neighbour = rf.get("/", REMOTE_ADDR="2001:db8:1:3::1")
    assert widest_network_hash(request) == widest_network_hash(neighbour)
    assert network_hashes(request)[0] != network_hashes(neighbour)[0]
