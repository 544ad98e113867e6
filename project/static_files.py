"""Static files for production: several files in one, without comments and indentation.

With DEBUG, browsers get the files as they are written.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

BUNDLES = {
    "css/shop.css": (
        "css/tokens.css",
        "css/base.css",
        "css/frame.css",
        "css/controls.css",
        "css/messages.css",
        "css/buying.css",
    ),
    "css/catalogue.css": ("css/list.css", "css/card.css", "css/item.css"),
    "js/shop.js": (
        "js/messages.js",
        "js/requests.js",
        "js/presses.js",
        "js/quantity.js",
        "js/mutations.js",
        "js/list.js",
        "js/cart.js",
    ),
    "js/buying.js": ("js/payments.js", "js/buy.js"),
}
OWN_FOLDERS = ("css", "js")
# On a line of its own, or after a statement.
COMMENT = re.compile(r"(^\s*|(?<=;) )(//.*|/\*+[^*]*\*/)$", re.MULTILINE)

# For each name, the storage with the file and its name in there, as collectstatic has it.
type Paths = dict[str, tuple[FileSystemStorage, str]]


class SmallStaticFiles(CompressedManifestStaticFilesStorage):
    """Adds the bundles to the collected files, and shortens the shop's own scripts and styles."""

    def post_process(
        self, paths: Paths, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, Any]]:
        if not dry_run:
            texts = {name: _text(paths, name) for name in paths if _is_own(paths, name)}
            for name, parts in BUNDLES.items():
                texts[name] = "\n".join(_text(paths, part) for part in parts)
            paths = paths | {name: self._replace(name, text) for name, text in texts.items()}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _replace(self, name: str, text: str) -> tuple[FileSystemStorage, str]:
        self.delete(name)  # also a link to the file as it is written (collectstatic --link)
        self.save(name, ContentFile(text.encode()))
        return self, name


def _is_own(paths: Paths, name: str) -> bool:
    """Whether the file is the shop's own: neither a library's, nor a theme's or an extension's."""
    storage, _path = paths[name]
    is_from_shop = storage.location == str(settings.BASE_DIR / "static")
    return is_from_shop and name.partition("/")[0] in OWN_FOLDERS


def _text(paths: Paths, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        text: str = file.read().decode()
    return _shortened(text) if _is_own(paths, name) else text


def _shortened(text: str) -> str:
    """Leave out comments and indentation.

    The strings in the shop's own files have no such comments and only one line, so they stay. A
    library could leave out more, but only 2 % of what the browser loads for its first page.
    """
    return re.sub(r"\n\s+", "\n", COMMENT.sub("", text)).lstrip()
