"""Themes, extensions and errors: when a visitor with a session can't get the kept page."""

import logging
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from store.models import Item
from tests.support.carts import add
from tests.support.kept_pages import (
    PRIVATE,
    NewVisitor,
    badge_of,
    is_kept,
)


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("base.html", '{% block main %}{% endblock %}<p class="count">{{ cart_quantity }}</p>'),
        ("cart/badge.html", '{% if quantity %}<p class="count">{{ quantity }}</p>{% endif %}'),
        ("cart/badge.html", '{% if quantity %}<p class="count">{{ quantity }}</p>{% endif %}\n'),
        (
            "cart/badge.html",
            '<p{% if quantity %} class="count">{{ quantity }}{% else %}>{% endif %}',
        ),
    ],
    ids=["page", "nothing", "line", "ambiguous"],
)
def test_a_theme_with_another_badge_renders_every_page_of_a_visitor(
    new_visitor: NewVisitor,
    item: Item,
    settings: Any,
    tmp_path: Path,
    name: str,
    template: str,
) -> None:
    (tmp_path / "cart").mkdir()
    (tmp_path / name).write_text(template)
    own = settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}
    settings.TEMPLATES = [own]
    visitor = new_visitor()
    add(visitor, item, quantity=7)
    for _time in range(2):
        assert badge_of(new_visitor().get("/")) in ("", "0")
        answer = visitor.get("/")
        assert answer.text.count('class="count">7') == 1
    assert not is_kept(visitor, "/")


def test_an_error_is_reported_once_to_a_visitor_with_a_session(
    new_visitor: NewVisitor, item: Item, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    visitor = new_visitor()
    add(visitor, item)
    caplog.clear()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE store_item RENAME TO gone")
    assert visitor.get(f"/item/{item.pk}").status_code == 500
    lines = [(each.name, each.getMessage()) for each in caplog.records]
    assert [name for name, _message in lines].count("django.request") == 1
    assert lines[-1] == ("minicart.requests", "GET /item/<int:item_id> 500")


@pytest.mark.parametrize("is_listed", [True, False], ids=["large", "unlisted"])
def test_a_page_that_can_not_be_kept_is_rendered_once_for_a_visitor_with_a_session(
    new_visitor: NewVisitor, item: Item, is_listed: bool
) -> None:
    visitor = new_visitor()
    add(visitor, item)
    Item.objects.update(description="a" * 100_000, is_listed=is_listed)
    with CaptureQueriesContext(connection) as statements:
        answer = visitor.get(f"/item/{item.pk}")
    assert answer.status_code == (200 if is_listed else 404)
    assert sum('FROM "store_item"' in each["sql"] for each in statements) == 1
    assert badge_of(answer) == "1"
    assert answer["Cache-Control"] == PRIVATE


def test_an_extension_sees_the_other_cookies_of_a_visitor_with_a_session(
    new_visitor: NewVisitor, item: Item, settings: Any
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "project.tests.extension_middleware.set_cookie"]
    visitor = new_visitor()
    add(visitor, item)
    assert visitor.cookies["seen"].value == "1"
    answer = visitor.get("/")
    assert answer.cookies["seen"].value == "2"
    assert badge_of(answer) == "1"


def test_an_extension_that_begins_a_session_on_each_page_does_not_replace_the_visitors(
    new_visitor: NewVisitor, item: Item, settings: Any
) -> None:
    visitor = new_visitor()
    add(visitor, item)
    extension = "project.tests.extension_middleware.count_in_session"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, extension]
    visitor.handler = Client().handler
    key = visitor.session.session_key
    for _time in range(2):
        assert badge_of(visitor.get("/")) == "1"
    assert visitor.session.session_key == key
    assert visitor.session["pages"] == 2


def test_a_session_that_can_not_be_read_is_an_error_with_a_policy(
    new_visitor: NewVisitor, item: Item
) -> None:
    visitor = new_visitor()
    add(visitor, item)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_session RENAME TO gone")
    answer = visitor.get("/")
    assert answer.status_code == 500
    assert "Content-Security-Policy" in answer
    assert new_visitor().get("/").status_code == 200
