"""{% item_data item quote %}: an item and its shipping for search engines."""

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from cart.quote import Quote
from store import structured_data
from store.models import Item, Shop

register = template.Library()


@register.simple_tag
def item_data(item: Item, quote: Quote) -> SafeString:
    shop = Shop.current()
    is_for_sale = not (item.is_sold_out or shop.is_closed)
    product = structured_data.product(item, is_for_sale=is_for_sale, shipping=_shipping(quote))
    way = structured_data.breadcrumbs(
        (shop.name, reverse("store:item-list")), (item.name, item.get_absolute_url())
    )
    return structured_data.script(product, way)


def _shipping(quote: Quote) -> list[structured_data.Properties]:
    """The rates to the country that the page's total is for.

    A shop may send to 200 countries; to list them all would be most of the page.
    """
    if (shipping := quote.shipping) is None:
        return []
    return [
        structured_data.shipping_details(shipping.country, each.amount, quote.order.currency)
        for each in shipping.rates
    ]
