"""What buyers and staff read about an order at Stripe: on its page, in receipts, in the dashboard.

A call that is repeated with the same idempotency key must send the same texts, so the language and
the shop's name are those that are stored with the attempt.
"""

from urllib.parse import urljoin

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext, override

from cart.freezing import FrozenOrder
from payments.models import Payment
from store.models import Item
from web.addresses import is_public_https

# https://docs.stripe.com/api/payment_intents/create ("description")
MAX_LENGTH = 1000
# Of a picture's address: https://docs.stripe.com/api/checkout/sessions/create
MAX_ADDRESS_LENGTH = 2048
PICTURE_WIDTH = 640


def order_description(payment: Payment, frozen: FrozenOrder) -> str:
    """The shop's name, the order's number and its items, in the buyer's language."""
    with override(payment.language):
        text = gettext("Order %(number)s: %(items)s") % {
            "number": frozen.order.number,
            "items": ", ".join(str(line) for line in frozen.lines),
        }
    if payment.shop_name:
        text = f"{payment.shop_name} · {text}"
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…"


def item_description(item: Item) -> str:
    """The item's description for Stripe's page, or "": only a public shop shows it there."""
    return item.description.strip() if is_public_https(settings.BASE_URL) else ""


def read_pictures(items: list[Item]) -> None:
    """Read the pictures of all items in one query, where `picture_address` needs them."""
    if is_public_https(settings.BASE_URL):
        prefetch_related_objects(items, "pictures")


def picture_address(item: Item) -> str:
    """The address from which Stripe can fetch the item's picture, or ""."""
    if not is_public_https(settings.BASE_URL) or not (picture := item.main_picture):
        return ""
    address = urljoin(settings.BASE_URL, picture.url(PICTURE_WIDTH))
    is_usable = is_public_https(address) and len(address) <= MAX_ADDRESS_LENGTH
    return address if is_usable else ""
