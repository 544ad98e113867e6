"""The texts of the pages in the language that is active in the test."""

import functools
import re

from babel.messages.pofile import read_po
from django.utils.translation import get_language

from tests.support.processes import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


def said(text: str) -> str:
    """What a page says for `text`, which is a part of an English message without its values."""
    return text if get_language() != "ru" else _in_russian(text)


@functools.cache
def _in_russian(text: str) -> str:
    """The translation of the shortest message with `text`, up to its first value."""
    messages = [each for each in _russian() if text in each]
    assert messages, f"no message has the text: {text}"
    return PLACEHOLDER.split(_russian()[min(messages, key=len)])[0].strip()


@functools.cache
def _russian() -> dict[str, str]:
    """Each English message with its translation; of several forms the first."""
    with (ROOT / "locale/ru/LC_MESSAGES/django.po").open("rb") as file:
        return {_first(each.id): _first(each.string) for each in read_po(file, locale="ru")}


def _first(forms: str | tuple[str, ...] | list[str] | None) -> str:
    return forms if isinstance(forms, str) else forms[0] if forms else ""
