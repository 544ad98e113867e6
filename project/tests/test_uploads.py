"""What a visitor reads about a body that the shop doesn't accept, and who may upload."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from project.bodies import (
    EVENT_LIMIT,
    FORM_LIMIT,
    REFUSED,
    UNREAD,
    UPLOAD_LIMIT,
    UPLOAD_SECONDS,
)
from store.models import Item
from store.pictures.fields import MAX_BYTES_TOGETHER
from tests.support.processes import ROOT

ADD = "/admin/store/item/add/"
FIELDS = {"name": "Mug", "description": "", "price": "1", "currency": "USD", "is_listed": "on"}
FIELDS |= {"position": "100"}
FIELDS |= {"pictures-TOTAL_FORMS": "0", "pictures-INITIAL_FORMS": "0"}

SLOW_LINE = 125_000  # bytes in a second: 1 Mbit/s
CADDYFILE = (ROOT / "deploy/Caddyfile").read_text()


def post(client: Client, path: str, mark: dict[str, Any], **headers: str) -> Any:
    scope: Any = {"asgi.scope": mark}
    return client.post(path, FIELDS, headers=headers, **scope)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (408, "The form took too long to arrive"),
        (413, "This is more than the shop accepts"),
        (415, "The shop accepts no files here"),
        (503, "The shop is busy"),
    ],
)
def test_refusal_is_a_page_with_a_sentence(
    client: Client, db: None, status: int, sentence: str
) -> None:
    answer = post(client, "/order/lines", {REFUSED: status})
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    assert sentence in answer.content.decode()


def test_refusal_is_in_the_visitors_language(client: Client, db: None) -> None:
    answer = post(client, "/order/lines", {REFUSED: 413}, Accept_Language="ru")
    assert "Это больше, чем принимает магазин" in answer.content.decode()


@pytest.mark.parametrize(("path", "limit"), [("/order/lines", "64.0"), (ADD, "25.0")])
def test_refusal_names_the_limit(client: Client, db: None, path: str, limit: str) -> None:
    assert f"shop accepts ({limit}" in post(client, path, {REFUSED: 413}).content.decode()


@pytest.mark.parametrize("header", [("HX_Request", "true"), ("Accept", "application/json")])
def test_scripts_get_json(client: Client, db: None, header: tuple[str, str]) -> None:
    answer = post(client, "/order/lines", {REFUSED: 413}, **dict([header]))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


def test_body_that_is_late_or_one_too_many_ends_the_connection(client: Client, db: None) -> None:
    assert post(client, "/order/lines", {REFUSED: 408})["Connection"] == "close"
    assert post(client, "/order/lines", {REFUSED: 503})["Connection"] == "close"
    assert "Connection" not in post(client, "/order/lines", {REFUSED: 413})


@pytest.mark.parametrize("path", [ADD, "/admin/login/", "/admin/nothing"])
def test_only_staff_may_upload(client: Client, db: None, path: str) -> None:
    client.force_login(User.objects.create_user("buyer"))
    answer = post(client, path, {UNREAD: True})
    assert answer.status_code == 403
    assert "You are not logged in" in answer.content.decode()


def test_staff_upload(admin_client: Client) -> None:
    assert post(admin_client, ADD, {UNREAD: True}).status_code == 302
    assert Item.objects.get().name == "Mug"


def test_other_site_cant_upload_with_the_session_of_staff(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    answer = post(client, ADD, {UNREAD: True}, Sec_Fetch_Site="cross-site")
    assert answer.status_code == 403
    assert "We can’t tell that you pressed the button" in answer.content.decode()


def test_the_largest_upload_has_the_time_that_a_slow_line_needs() -> None:
    [minutes] = re.findall(r"request_body @picture \{[^}]*read_timeout (\d+)m", CADDYFILE)
    assert min(UPLOAD_SECONDS, int(minutes) * 60) > UPLOAD_LIMIT / SLOW_LINE


def test_caddy_has_the_same_limits() -> None:
    limits = re.findall(r"^\s*vars (\S* ?)max_body (\d+)$", CADDYFILE, re.MULTILINE)
    assert limits == [
        ("", str(FORM_LIMIT)),
        ("/stripe/webhook ", str(EVENT_LIMIT)),
        ("@picture ", str(UPLOAD_LIMIT)),
    ]


def test_files_that_pass_the_script_of_the_form_pass_the_server() -> None:
    assert MAX_BYTES_TOGETHER < UPLOAD_LIMIT
