"""The addresses of all pages for search engines: https://www.sitemaps.org/protocol.html

A part has the items of a range of keys, so that a part costs the same in every catalogue. Django's
own index would count all items, and skip to a part by reading those before it.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from store.models import Collection, Item, Page

PART_SIZE = 2000
MAX_PART = 2**63 // PART_SIZE - 1  # of the largest key of a database
for_an_hour = cache_control(public=True, max_age=60 * 60)


class ShopSitemap(Sitemap):
    """The addresses begin with BASE_URL."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.BASE_URL).scheme

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.BASE_URL).netloc


class PageSitemap(ShopSitemap):
    """The front page, the collections and the merchant's pages."""

    def items(self) -> Sequence[Collection | Page | None]:
        collections = Collection.objects.filter(is_listed=True)
        return [None, *collections, *Page.objects.defer("text")]

    def location(self, item: Collection | Page | None) -> str:
        return item.get_absolute_url() if item else reverse("store:item-list")

    def lastmod(self, item: Collection | Page | None) -> datetime | None:
        return item.updated_at if item else None


class ItemSitemap(ShopSitemap):
    def __init__(self, part: int) -> None:
        self.first = part * PART_SIZE

    def items(self) -> Sequence[Item]:
        keys = range(self.first, self.first + PART_SIZE)
        items = Item.objects.listed().filter(pk__gte=keys[0], pk__lte=keys[-1]).order_by("pk")
        return list(items.only("updated_at").with_pictures())

    def lastmod(self, item: Item) -> datetime:
        return item.updated_at


@require_safe
@for_an_hour
def sitemap_index(request: HttpRequest) -> HttpResponse:
    addresses = [reverse("store:sitemap-pages")]
    addresses += [reverse("store:sitemap-items", args=[part]) for part in _parts()]
    context = {"addresses": addresses}
    return render(request, "sitemap_index.xml", context, content_type="application/xml")


@require_safe
@for_an_hour
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    return sitemap(request, {"pages": PageSitemap()})


@require_safe
@for_an_hour
def sitemap_items(request: HttpRequest, part: int) -> HttpResponse:
    if part > MAX_PART:
        raise Http404
    return sitemap(request, {"items": ItemSitemap(part)})


def _parts() -> Sequence[int]:
    """The parts that have an item: search engines report an empty one as an error."""
    parts = list[int]()
    keys = Item.objects.listed().order_by("pk").values_list("pk", flat=True)
    key = keys.first()
    while key is not None:
        parts.append(key // PART_SIZE)
        key = keys.filter(pk__gte=(parts[-1] + 1) * PART_SIZE).first()
    return parts
