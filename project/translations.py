"""An extractor for Babel, which finds texts in Django's templates without GNU gettext."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from babel.messages.extract import extract_javascript
from django.utils.translation.template import templatize


def extract_template(
    file: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """Django turns a template into gettext calls, which Babel reads like JavaScript."""
    calls = templatize(file.read().decode(), origin=getattr(file, "name", None))
    yield from extract_javascript(BytesIO(calls.encode()), keywords, comment_tags, options)
