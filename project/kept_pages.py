"""The pages that a process keeps in memory (project/catalogue_cache.py)."""

import functools
import gzip
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

import brotli  # type: ignore[import-untyped]
from django.urls import ResolverMatch

MAX_PAGES = 500  # a process renders fewer in five seconds
# How long an old page is shown while one request renders it again.
GRACE_SECONDS = 1
# The smallest first. Both take as long; from quality 9 on, brotli takes twenty times longer.
COMPRESS = {
    "br": functools.partial(brotli.compress, quality=5),
    "gzip": functools.partial(gzip.compress, compresslevel=6, mtime=0),
}


@dataclass(frozen=True)
class Key:
    """All that a page depends on."""

    scheme: str
    path: str
    query: str
    language: str


@dataclass
class KeptPage:
    """A page as a visitor without a session gets it."""

    content: bytes
    headers: Mapping[str, str]
    match: ResolverMatch  # for the request's line in the log
    rendered_at: float
    is_being_renewed: bool = False
    _compressed: dict[str, bytes] = field(default_factory=dict, init=False)

    def compressed(self, encoding: str) -> bytes:
        """Compress the content when it is first asked for in this encoding."""
        if encoding not in self._compressed:
            self._compressed[encoding] = COMPRESS[encoding](self.content)
        return self._compressed[encoding]


def accepted_encoding(header: str) -> str | None:
    """Return the best encoding of COMPRESS that a browser's Accept-Encoding names, without q=0."""
    refused = r"(?! *; *q=0(\.0+)? *(,|$))"
    return next((each for each in COMPRESS if re.search(rf"\b{each}\b{refused}", header)), None)


class Pages:
    """The pages that were asked for last. Times are those of time.monotonic."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pages: OrderedDict[Key, KeptPage] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, key: Key) -> bool:
        return key in self._pages

    def get(self, key: Key, *, at: float) -> KeptPage | None:
        """Return the page, or None if the caller has to render it.

        Only the first caller after the page's end gets None; the others get the old page during
        GRACE_SECONDS.
        """
        with self._lock:
            page = self._pages.get(key)
            if page is None:
                return None
            self._pages.move_to_end(key)
            age = at - page.rendered_at
            is_renewed_in_time = page.is_being_renewed and age < self._seconds + GRACE_SECONDS
            if age < self._seconds or is_renewed_in_time:
                return page
            page.is_being_renewed = True
            return None

    def keep(self, key: Key, page: KeptPage) -> None:
        with self._lock:
            kept = self._pages.get(key)
            if kept and kept.rendered_at > page.rendered_at:
                return  # this one took longer, and may show what was true before
            self._pages[key] = page
            self._pages.move_to_end(key)
            if len(self._pages) > MAX_PAGES:
                self._pages.popitem(last=False)
