"""What search engines and messengers read about a page.

{{ path|absolute }}, {{ picture|picture_address }}, {{ file|file_address }}: with BASE_URL.
{{ text|one_line }}, {{ html|one_line_of_html }}: the beginning of a text.
{{ shop|icon:32 }}: the logo as a square.
"""

from dataclasses import replace

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from store.listing import Listing
from store.models import Collection, Shop
from store.sorting import OWN
from store.structured_data import breadcrumbs, file_address, picture_address, script
from store.summary import one_line, one_line_of_html
from web.addresses import absolute

register = template.Library()
register.filter("absolute", absolute)
register.filter("picture_address", picture_address)
register.filter("file_address", file_address)
register.filter("one_line", one_line)
register.filter("one_line_of_html", one_line_of_html)


@register.filter
def icon(shop: Shop, side: int) -> str:
    return shop.icon_url(side)


@register.filter
def canonical(listing: Listing) -> str:
    """The path of the list without its order, which shows the same items."""
    after = listing.after if listing.sort is OWN else None
    return replace(listing, q="", sort=OWN, after=after).address


@register.simple_tag
def collection_data(collection: Collection) -> SafeString:
    """The way from the front page to the collection, for search engines."""
    here = (collection.name, collection.get_absolute_url())
    return script(breadcrumbs((Shop.current().name, reverse("store:item-list")), here))
