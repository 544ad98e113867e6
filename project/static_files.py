"""Static files for production: several files in one, with comments left out and names shortened.

With DEBUG, browsers get the files as they are written.
"""

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
        "css/amounts.css",
    ),
    "css/catalogue.css": ("css/list.css", "css/card.css"),
    "css/buying.css": ("css/buy.css", "css/item.css"),
    "css/pages.css": ("css/page.css", "css/receipt.css"),
    "js/shop.js": (
        "vendor/htmx-4.0.1.min.js",
        "js/messages.js",
        "js/requests.js",
        "js/presses.js",
        "js/mutations.js",
        "js/list.js",
        "js/cart.js",
    ),
    "js/buying.js": (
        "js/quantity.js",
        "js/choices.js",
        "js/payments.js",
        "js/buy.js",
        "js/pay_here.js",
    ),
}
OWN_TYPES = {"css": "text/css", "js": "text/javascript"}

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
                between = "\n;" if name.endswith(".js") else "\n"
                texts[name] = between.join(_text(paths, part) for part in parts)
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
    return is_from_shop and name.partition("/")[0] in OWN_TYPES


def _text(paths: Paths, name: str) -> str:
    # Only here, since it starts the runtime of Go.
    import minify  # type: ignore[import-untyped]

    storage, path = paths[name]
    with storage.open(path) as file:
        text: str = file.read().decode()
    if not _is_own(paths, name):
        return text
    shortened: str = minify.string(OWN_TYPES[name.partition("/")[0]], text)
    return shortened
