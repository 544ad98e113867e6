"""The shop's pages lose the indentation of their lines; mails and a theme's templates don't."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.template import loader
from django.test import Client

from store.models import Item
from tests.support.processes import ROOT

# Elements whose text browsers show with its indentation.
SHOWN_AS_WRITTEN = re.compile("<(?:pre|textarea)")
TRANSLATED = re.compile(r"{% blocktranslate(.*?)%}(.*?){% endblocktranslate %}", re.DOTALL)


def test_a_page_has_no_indentation(client: Client, item: Item) -> None:
    page = client.get(f"/item/{item.pk}").text
    assert "<body" in page
    assert not re.search(r"^[ \t]+<", page, re.MULTILINE)


def test_no_template_has_text_that_is_shown_with_its_indentation() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        assert not SHOWN_AS_WRITTEN.search(path.read_text()), path


def test_a_text_of_several_lines_is_trimmed_before_it_is_translated() -> None:
    """The catalogue of messages has it as it is written, with its indentation."""
    for path in (ROOT / "templates").rglob("*.html"):
        for options, text in TRANSLATED.findall(path.read_text()):
            assert "trimmed" in options.split() or "\n" not in text, path


# A folder beside the shop's own is the theme's too, even if its name begins in the same way.
@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("templates/own.html", False),
        ("templates/own.md", True),
        ("templates-of-mine/own.html", True),
    ],
)
def test_only_pages_of_the_shop_lose_their_indentation(
    settings: Any, tmp_path: Path, name: str, is_shown: bool
) -> None:
    settings.BASE_DIR = tmp_path
    file = tmp_path / name
    file.parent.mkdir()
    file.write_text("<pre>\n  two spaces\n</pre>\n")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [file.parent]}]
    text = loader.get_template(file.name).render()
    assert ("\n  two spaces\n" in text) == is_shown
