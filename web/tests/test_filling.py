from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import override

from web.filling import fill

type Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path, settings: Any) -> Write:
    """Write a template that this test can fill."""
    loaders = [("django.template.loaders.filesystem.Loader", [str(tmp_path)])]
    options = {"loaders": loaders}
    backend = "django.template.backends.django.DjangoTemplates"
    settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": options}]

    def write(name: str, text: str) -> None:
        (tmp_path / name).write_text(text)

    return write


def test_values_are_written_where_they_belong_and_escaped(write: Write) -> None:
    write("values.html", "<b>{{ name }}</b> {{ amount }} {{ name }} {{ picture }}.")
    values = {"name": "<Mug & \0picture\0>", "amount": 12, "picture": mark_safe("<img>")}
    name = "&lt;Mug &amp; \0picture\0&gt;"
    assert fill("values.html", values) == f"<b>{name}</b> 12 {name} <img>."
    other = {"name": "Cup", "amount": 3, "picture": ""}
    assert fill("values.html", other) == "<b>Cup</b> 3 Cup ."


def test_a_bool_can_be_tested(write: Write) -> None:
    write("bools.html", "{% if is_listed %}{{ name }}{% else %}gone{% endif %}")
    assert fill("bools.html", {"is_listed": True, "name": "Mug"}) == "Mug"
    assert fill("bools.html", {"is_listed": False, "name": "Mug"}) == "gone"


def test_each_language_has_its_texts(write: Write) -> None:
    text = "{% load i18n %}{% blocktranslate %}One less: {{ name }}{% endblocktranslate %}"
    write("language.html", text)
    assert fill("language.html", {"name": "Mug"}) == "One less: Mug"
    with override("ru"):
        russian = fill("language.html", {"name": "Mug"})
    assert russian.endswith("Mug")
    assert russian != "One less: Mug"


def test_a_template_is_rendered_once(write: Write, settings: Any) -> None:
    write("once.html", "before")
    assert fill("once.html", {}) == "before"
    write("once.html", "after")
    assert fill("once.html", {}) == "before"
    settings.DEBUG = True
    assert fill("once.html", {}) == "after"
