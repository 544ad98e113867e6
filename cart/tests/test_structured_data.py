"""The JSON-LD of an item's page, checked against what Google and schema.org require.

Required, from the tables of these pages:
* https://developers.google.com/search/docs/appearance/structured-data/product-snippet
* https://developers.google.com/search/docs/appearance/structured-data/merchant-listing
* https://developers.google.com/search/docs/appearance/structured-data/breadcrumb
A merchant listing also requires `image`; without a picture a product can only be a snippet.
"""

import json
import re
from typing import Any

import pytest
from django.test import Client

from cart.models import Tax
from store.models import Item
from store.structured_data import script
from tests.support.pictures import add_picture
from tests.support.shipping import add_rate, offer_only
from tests.support.shop_row import edit_shop

REQUIRED = {
    "Product": {"name", "offers"},
    "Offer": {"price", "priceCurrency"},
    "OfferShippingDetails": {"shippingRate", "shippingDestination"},
    "MonetaryAmount": {"value", "currency"},
    "DefinedRegion": {"addressCountry"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
}
SCRIPT = r'<script type="application/ld\+json">(.*?)</script>'
ORIGIN = "http://testserver"


def graph_of(client: Client, item: Item) -> list[dict[str, Any]]:
    """What the page says about the item and the way to it, without missing or empty fields."""
    (text,) = re.findall(SCRIPT, client.get(f"/item/{item.pk}").text, re.DOTALL)
    assert not set("<>&") & set(text)
    parsed = json.loads(text)
    assert parsed["@context"] == "https://schema.org"
    check(parsed["@graph"])
    graph: list[dict[str, Any]] = parsed["@graph"]
    assert [each["@type"] for each in graph] == ["Product", "BreadcrumbList"]
    return graph


def check(value: Any) -> None:
    assert value not in ("", [], {}, None)
    if isinstance(value, dict):
        if "@type" in value:
            assert REQUIRED[value["@type"]] <= value.keys()
        for name, each in value.items():
            check(each)
            if name in ("url", "item"):
                assert each.startswith(f"{ORIGIN}/")
    elif isinstance(value, list):
        for each in value:
            check(each)


def offer_of(client: Client, item: Item) -> dict[str, Any]:
    offer: dict[str, Any] = graph_of(client, item)[0]["offers"]
    return offer


def test_describes_an_item_and_the_way_to_it(client: Client, make_item: Any) -> None:
    edit_shop(name="Clay & Co")
    item = make_item(name="Mug", description="Holds\n\n350 ml.", stock=2)
    add_picture(item)
    add_picture(item, "items/side.png", widths=[])
    address = f"{ORIGIN}/item/{item.pk}"
    product, way = graph_of(client, item)
    assert product == {
        "@type": "Product",
        "name": "Mug",
        "sku": str(item.pk),
        "description": "Holds 350 ml.",
        "image": [f"{ORIGIN}/media/items/mug-640.webp", f"{ORIGIN}/media/items/side.png"],
        "offers": {
            "@type": "Offer",
            "url": address,
            "price": "19.99",
            "priceCurrency": "USD",
            "availability": "https://schema.org/InStock",
        },
    }
    links = [(each["position"], each["name"], each["item"]) for each in way["itemListElement"]]
    assert links == [(1, "Clay & Co", f"{ORIGIN}/"), (2, "Mug", address)]


def test_an_item_with_nothing_but_a_name_and_a_price(client: Client, item: Item) -> None:
    Item.objects.update(description="")
    product, _way = graph_of(client, item)
    assert not {"description", "image"} & product.keys()


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<!--<script>", "a & b"])
def test_markup_in_a_name_is_escaped_and_stays_the_name(
    client: Client, make_item: Any, name: str
) -> None:
    item = make_item(name=name, description=name)
    product, way = graph_of(client, item)
    assert product["name"] == product["description"] == name
    assert way["itemListElement"][1]["name"] == name


@pytest.mark.parametrize(
    ("price", "currency", "written"),
    [
        ("1234567", "JPY", "1234567"),
        ("500", "ISK", "500"),
        ("1.50", "KWD", "1.500"),
        ("1234.5", "EUR", "1234.50"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_price_has_a_dot_and_the_decimals_of_its_currency(
    client: Client, make_item: Any, price: str, currency: str, written: str, language: str
) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    offer = offer_of(client, make_item(price=price, currency=currency))
    assert (offer["price"], offer["priceCurrency"]) == (written, currency)


@pytest.mark.parametrize(
    ("stock", "availability"), [(None, "InStock"), (1, "InStock"), (0, "OutOfStock")]
)
def test_availability_follows_the_stock(
    client: Client, make_item: Any, stock: int | None, availability: str
) -> None:
    offer = offer_of(client, make_item(stock=stock))
    assert offer["availability"] == f"https://schema.org/{availability}"


def test_a_closed_shop_sells_nothing(client: Client, item: Item) -> None:
    edit_shop(is_closed=True)
    assert offer_of(client, item)["availability"] == "https://schema.org/OutOfStock"


def test_shipping_has_each_rate_to_the_country_of_the_page(client: Client, item: Item) -> None:
    edit_shop(country="DE")
    add_rate(490, "DE", "FR")
    add_rate(1200, "DE", name="Express")
    add_rate(900, "US")
    add_rate(2000)
    add_rate(500, currency="EUR")
    details = offer_of(client, item)["shippingDetails"]
    assert [each["shippingRate"]["value"] for each in details] == ["4.90", "12.00"]
    assert {each["shippingRate"]["currency"] for each in details} == {"USD"}
    assert {each["shippingDestination"]["addressCountry"] for each in details} == {"DE"}


def test_shipping_can_be_free(client: Client, item: Item) -> None:
    add_rate(490, "US", free_from_amount=1000)
    (details,) = offer_of(client, item)["shippingDetails"]
    assert details["shippingRate"]["value"] == "0.00"


def test_no_shipping_where_there_is_no_rate_or_nothing_is_sent(
    client: Client, make_item: Any
) -> None:
    download = make_item(needs_shipping=False)
    rate = add_rate(490)
    assert "shippingDetails" not in offer_of(client, download)
    item = make_item()
    assert "shippingDetails" in offer_of(client, item)
    offer_only(None)
    assert rate.currency == item.currency
    assert "shippingDetails" not in offer_of(client, item)


def test_the_price_is_the_one_of_the_page_without_what_is_added(client: Client, item: Item) -> None:
    Tax.objects.create(display_name="Sales tax", percentage=20)
    add_rate(490)
    assert offer_of(client, item)["price"] == "19.99"


def test_a_fragment_has_none(client: Client, item: Item) -> None:
    fragment = client.get(f"/item/{item.pk}", headers={"HX-Request": "true"}).text
    assert "ld+json" not in fragment


def test_an_element_is_compact() -> None:
    assert script({"@type": "Thing", "name": "é"}) == (
        '<script type="application/ld+json">{"@context":"https://schema.org",'
        '"@graph":[{"@type":"Thing","name":"é"}]}</script>'
    )
