from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from web.client_address import (
    network_hashes,
    networks_of,
    warn_of_unknown_proxy,
    widest_network_hash,
)


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


@pytest.mark.parametrize(
    ("address", "forwarded_for", "is_named"),
    [
        ("10.0.3.7", "203.0.113.9", True),
        ("100.64.0.2", "203.0.113.9", True),  # between a provider's own machines
        ("::1", "203.0.113.9", True),
        ("10.0.3.7", "203.0.113.9, 10.0.3.7", True),  # only the second of two proxies is known
        ("8.8.8.8", "8.8.8.8", False),  # the proxy is known
        ("192.168.1.5", "192.168.1.5", False),  # so it is in a shop for one's own network
        ("fd00::5", "[fd00::5]:4711", False),
        ("8.8.8.8", "203.0.113.9", False),  # anybody can send the header
        ("unknown", "203.0.113.9, unknown", False),
        ("", "203.0.113.9", False),  # a Unix socket
        ("10.0.3.7", "", False),
    ],
)
def test_warns_of_a_proxy_that_is_not_trusted(
    rf: RequestFactory,
    caplog: pytest.LogCaptureFixture,
    address: str,
    forwarded_for: str,
    is_named: bool,
) -> None:
    get = warn_of_unknown_proxy(lambda _request: HttpResponse())
    get(rf.get("/", REMOTE_ADDR=address, headers={"X-Forwarded-For": forwarded_for}))
    assert [each.levelname for each in caplog.records] == ["WARNING"] * is_named
    assert not is_named or f"the proxy {address} to FORWARDED_ALLOW_IPS" in caplog.text


def test_warns_of_such_a_proxy_once_and_before_the_redirect_to_https(
    client: Client, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for _ in range(2):
        answer = client.get("/", REMOTE_ADDR="10.0.3.7", headers={"X-Forwarded-For": "8.8.8.8"})
        assert answer.status_code == 301
    assert caplog.text.count("X-Forwarded-For isn't trusted") == 1
