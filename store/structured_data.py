"""What search engines read about an item, in the words of schema.org, as JSON-LD.

Google's rules: https://developers.google.com/search/docs/appearance/structured-data/product
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db.models.fields.files import FieldFile
from django.utils.safestring import SafeString, mark_safe

from store.models import Item, Picture
from store.money import from_minor
from store.summary import one_line
from web.addresses import absolute

type Properties = dict[str, Any]

PICTURE_WIDTH = 1280  # pixels
# In JSON these characters are only in strings, where "\u003c" is the same as "<".
ESCAPED = {ord(each): f"\\u{ord(each):04x}" for each in "<>&"}


def product(item: Item, *, is_for_sale: bool, shipping: Sequence[Properties]) -> Properties:
    """The item and its offer. `shipping` has what `shipping_details` returns."""
    offer = {
        "@type": "Offer",
        "url": absolute(item.get_absolute_url()),
        **_amount("price", "priceCurrency", item.amount, item.currency),
        "availability": f"https://schema.org/{'InStock' if is_for_sale else 'OutOfStock'}",
        "shippingDetails": shipping,
    }
    return _filled(
        {
            "@type": "Product",
            "name": item.name,
            "sku": str(item.pk),
            "description": one_line(item.description),
            "image": [picture_address(each) for each in item.pictures.all()],
            "offers": _filled(offer),
        }
    )


def picture_address(picture: Picture | None) -> str:
    """Where search engines and messengers find the picture."""
    return absolute(picture.url(PICTURE_WIDTH)) if picture else ""


def file_address(file: FieldFile) -> str:
    """The address of another file of the merchant's, or "" if there is none."""
    return absolute(file.url) if file else ""


def shipping_details(country: str, amount: int, currency: str) -> Properties:
    """What it costs to send the item to a country; the amount in minor units."""
    return {
        "@type": "OfferShippingDetails",
        "shippingRate": {
            "@type": "MonetaryAmount",
            **_amount("value", "currency", amount, currency),
        },
        "shippingDestination": {"@type": "DefinedRegion", "addressCountry": country},
    }


def breadcrumbs(*links: tuple[str, str]) -> Properties:
    """The way from the front page: names and paths."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
            for position, (name, path) in enumerate(links, start=1)
        ],
    }


def script(*things: Properties) -> SafeString:
    """The element for the page. Browsers don't run it, so the security policy permits it.

    https://html.spec.whatwg.org/multipage/scripting.html#data-block
    """
    graph = {"@context": "https://schema.org", "@graph": things}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":")).translate(ESCAPED)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  # escaped


def _amount(name: str, currency_name: str, amount: int, currency: str) -> Properties:
    return {name: str(from_minor(amount, currency)), currency_name: currency}


def _filled(properties: Properties) -> Properties:
    """Without what is empty."""
    return {name: each for name, each in properties.items() if each}
