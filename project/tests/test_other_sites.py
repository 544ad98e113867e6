"""Requests from other sites: which headers are believed, and what the answer says."""

from typing import Any

import pytest
from django.test import Client

from cart.models import OrderLine
from store.models import Item

OTHER = {"Sec-Fetch-Site": "cross-site"}
MESSAGE = "We can’t tell that you pressed the button on the shop’s own page"


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def add(client: Client, item: Item, **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/order/lines", {"item": item.pk}, headers=names)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://testserver"},
        {"Origin": "https://shop.example"},
        {"Referer": "http://testserver/item/1"},
        {"Referer": "https://shop.example/item/1"},
    ],
)
def test_requests_of_the_shops_own_pages_pass(
    client: Client, item: Item, settings: Any, headers: dict[str, str]
) -> None:
    settings.BASE_URL = "https://shop.example/"
    add(client, item)
    assert client.cookies["sessionid"]
    assert client.post("/order/lines", {"item": item.pk}, headers=headers).status_code == 303
    assert OrderLine.objects.get().quantity == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver:8000"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://[", "Referer": "http://testserver/"},
        {"Origin": "null", "Referer": "http://testserver/"},
        {"Origin": "", "Referer": "http://testserver/"},
        {"Referer": "http://testserver@evil.example/"},
        {"Referer": ""},
    ],
)
def test_everything_else_is_refused(client: Client, item: Item, headers: dict[str, str]) -> None:
    assert client.post("/order/lines", {"item": item.pk}, headers=headers).status_code == 403
    assert not OrderLine.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_safe_methods_pass(client: Client, item: Item, method: str) -> None:
    assert getattr(client, method)("/order/lines", headers=OTHER).status_code in (303, 405)


@pytest.mark.parametrize(
    "headers", [{"HX-Request": "true"}, {"Accept": "application/json"}, {"Accept": "text/html"}]
)
def test_the_answer_says_what_to_do(client: Client, item: Item, headers: dict[str, str]) -> None:
    answer = client.post("/order/lines", {"item": item.pk}, headers=OTHER | headers)
    assert answer.status_code == 403
    assert "HX-Refresh" not in answer
    if headers == {"Accept": "text/html"}:
        assert MESSAGE in answer.content.decode()
    else:
        error = answer.json()["error"]
        assert error["code"] == "other_site"
        assert error["message"].startswith(MESSAGE)


def test_a_refusal_is_one_line_of_the_log_with_its_headers(
    client: Client, item: Item, caplog: pytest.LogCaptureFixture
) -> None:
    add(client, item, Origin="https://evil.example")
    assert [(line.levelname, line.message) for line in caplog.records] == [
        (
            "INFO",
            "POST /order/lines 403, from another site: "
            "Sec-Fetch-Site None, Origin 'https://evil.example'",
        )
    ]


@pytest.mark.parametrize("name", ["Origin", "Sec-Fetch-Site"])
def test_a_long_header_is_cut_off_in_the_log(
    client: Client, item: Item, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    add(client, item, **{name: "a" * 32_000})
    assert "a" * 90 in caplog.text
    assert len(caplog.text) < 400


def test_stripes_webhook_is_exempt(client: Client) -> None:
    answer = client.post("/stripe/webhook", "{}", content_type="application/json", headers=OTHER)
    assert answer.content == b"not from Stripe"
