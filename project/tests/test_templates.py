"""The shop's templates lose the indentation of their lines, a theme's templates nothing."""

import re
from pathlib import Path
from typing import Any

from django.template import loader
from django.test import Client

from store.models import Item
from tests.support.processes import ROOT

# Elements whose text browsers show with its indentation.
SHOWN_AS_WRITTEN = re.compile("<(?:pre|textarea)")


def test_a_page_has_no_indentation(client: Client, item: Item) -> None:
    page = client.get(f"/item/{item.pk}").text
    assert "<body" in page
    assert not re.search(r"^[ \t]+<", page, re.MULTILINE)


def test_no_template_has_text_that_is_shown_with_its_indentation() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        assert not SHOWN_AS_WRITTEN.search(path.read_text()), path


def test_a_template_of_a_theme_stays_as_it_is_written(settings: Any, tmp_path: Path) -> None:
    written = "<pre>\n  two spaces\n</pre>\n"
    (tmp_path / "own.html").write_text(written)
    own = settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}
    settings.TEMPLATES = [own]
    assert loader.get_template("own.html").render() == written
