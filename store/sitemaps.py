"""The addresses of all pages for search engines: https://www.sitemaps.org/protocol.html

A part has the items of a range of keys, so that a part costs the same in every catalogue. Django's
sitemaps would count all items and skip those of other parts, and take four times as long.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from xml.sax.saxutils import escape

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from store.models import Collection, Item, Page, Picture
from store.structured_data import file_address, picture_address
from web.addresses import absolute

PART_SIZE = 2000
MAX_PART = 2**63 // PART_SIZE - 1  # of the largest key of a database
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
IMAGE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
# Each step looks up the first item after the part before.
PARTS = f"""
WITH RECURSIVE found (part) AS (
    SELECT (SELECT id FROM store_item WHERE is_listed ORDER BY id LIMIT 1) / {PART_SIZE}
    UNION ALL
    SELECT (
        SELECT id FROM store_item WHERE is_listed AND id >= (part + 1) * {PART_SIZE}
        ORDER BY id LIMIT 1
    ) / {PART_SIZE}
    FROM found WHERE part IS NOT NULL
)
SELECT part FROM found WHERE part IS NOT NULL
"""  # noqa: S608  # our own text
for_an_hour = cache_control(public=True, max_age=60 * 60)


class Entry(NamedTuple):
    path: str
    changed_at: datetime | None = None
    pictures: Sequence[str] = ()  # their addresses


@require_safe
@for_an_hour
def sitemap_index(_request: HttpRequest) -> HttpResponse:
    paths = [reverse("store:sitemap-pages")]
    paths += [reverse("store:sitemap-items", args=[part]) for part in _parts()]
    sitemaps = [f"<sitemap>{_location(absolute(path))}</sitemap>" for path in paths]
    return _xml(f"<sitemapindex {SITEMAP}>", *sitemaps, "</sitemapindex>")


@require_safe
@for_an_hour
def sitemap_pages(_request: HttpRequest) -> HttpResponse:
    """The front page, the collections and the merchant's pages."""
    entries = [Entry(reverse("store:item-list"))]
    for collection in Collection.objects.filter(is_listed=True):
        pictures = [file_address(collection.picture)] if collection.picture else []
        entries.append(Entry(collection.get_absolute_url(), collection.updated_at, pictures))
    pages = Page.objects.defer("text")
    entries += [Entry(page.get_absolute_url(), page.updated_at) for page in pages]
    return _url_set(entries)


@require_safe
@for_an_hour
def sitemap_items(_request: HttpRequest, part: int) -> HttpResponse:
    if part > MAX_PART:
        raise Http404
    return _url_set(_items(part * PART_SIZE, (part + 1) * PART_SIZE - 1))


def _parts() -> Sequence[int]:
    """The parts that have an item: search engines report an empty one as an error."""
    with connection.cursor() as cursor:
        cursor.execute(PARTS)
        return [part for (part,) in cursor.fetchall()]


def _items(first: int, last: int) -> Iterator[Entry]:
    """The items with keys from `first` to `last`."""
    pictures = defaultdict[int, list[str]](list)
    for picture in Picture.objects.filter(item__gte=first, item__lte=last):
        pictures[picture.item_id].append(picture_address(picture))
    items = Item.objects.listed().filter(pk__gte=first, pk__lte=last).order_by("pk")
    for key, updated_at in items.values_list("pk", "updated_at"):
        yield Entry(reverse("store:item-detail", args=[key]), updated_at, pictures[key])


def _url_set(entries: Iterable[Entry]) -> HttpResponse:
    return _xml(f"<urlset {SITEMAP} {IMAGE}>", *map(_url, entries), "</urlset>")


def _url(entry: Entry) -> str:
    changed = f"<lastmod>{entry.changed_at.isoformat()}</lastmod>" if entry.changed_at else ""
    pictures = (
        f"<image:image>{_location(each, 'image:loc')}</image:image>" for each in entry.pictures
    )
    return f"<url>{_location(absolute(entry.path))}{changed}{''.join(pictures)}</url>"


def _location(address: str, tag: str = "loc") -> str:
    return f"<{tag}>{escape(address)}</{tag}>"


def _xml(*lines: str) -> HttpResponse:
    return HttpResponse(HEAD + "\n".join(lines), content_type="application/xml")
