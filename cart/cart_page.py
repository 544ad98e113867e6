"""Show the cart: all of its page, or the fragments that a change of it swaps in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cart.models import Order
from cart.quote import Quote, quote_order
from cart.visitor import carts_and_waiting_orders, last_paid_order
from store.countries import country_name
from store.templatetags.money import money
from web.http import HtmxRequest, render_page

NOTICED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class FormError:
    """A message beside a line, a code field or Buy; without a currency, above the cart.

    `text` is what the buyer typed, and stays in the field.
    """

    message: str
    text: str | None = None
    currency: str = ""
    item_id: int | None = None


def cart_page(
    request: HtmxRequest,
    *,
    error: FormError | None = None,
    buy_error: FormError | None = None,
    shipping_error: FormError | None = None,
    announcement: str = "",
    focus_code: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the cart with its errors in place; answer htmx with the fragments that change.

    `announcement` is for screen readers, instead of the summary. `focus_code` is the currency of
    the code field that gets the focus.
    """
    now = timezone.now()
    carts, waiting = carts_and_waiting_orders(request)
    quotes = [each for order in carts if (each := quote_order(order, at=now)).lines]
    _read_pictures(quotes)
    unplaced = _unplaced(quotes, error, buy_error, shipping_error)
    context = {
        "quotes": quotes,
        "noticed_orders": _noticed_orders(request, carts, waiting, is_empty=not quotes, at=now),
        "page_error": unplaced[0] if unplaced else None,
        "code_error": error if error and error.item_id is None else None,
        "line_error": error if error and error.item_id is not None else None,
        "buy_error": buy_error,
        "shipping_error": shipping_error,
        "focus_code": focus_code,
        "announcement": _announcement(error or shipping_error, announcement, quotes),
        "cart_quantity": sum(each.quantity for each in quotes),
    }
    template = "cart/order_detail.html"
    return render_page(request, template, context, fragment="cart-changed", status=status)


def _read_pictures(quotes: list[Quote]) -> None:
    """Read the pictures of all lines in one query."""
    items = [each.line.item for quote in quotes for each in quote.lines]
    prefetch_related_objects(items, "pictures")


def _unplaced(
    quotes: list[Quote],
    error: FormError | None,
    buy_error: FormError | None,
    shipping_error: FormError | None,
) -> list[FormError]:
    """The errors whose form isn't in the cart any more."""
    currencies = {each.order.currency for each in quotes}
    unplaced = [each for each in (error, buy_error) if each and each.currency not in currencies]
    choices = {q.order.currency for q in quotes if q.shipping and q.shipping.has_choice}
    if shipping_error and shipping_error.currency not in choices:
        unplaced.append(shipping_error)
    return unplaced


def _announcement(error: FormError | None, announcement: str, quotes: list[Quote]) -> str:
    return error.message if error else announcement or cart_summary(quotes)


def _noticed_orders(
    request: HtmxRequest, carts: list[Order], waiting: list[Order], *, is_empty: bool, at: datetime
) -> list[Order]:
    """The orders that explain why something isn't in the cart, or is in it again.

    An order that waits for its money is named until it ends, so that the buyer finds it.
    """
    since = at - NOTICED_FOR
    noticed = [each.changed_by for each in carts if each.changed_by]
    noticed = [each for each in noticed if each.updated_at >= since]
    if is_empty and not noticed and (paid := last_paid_order(request, since=since)):
        noticed.append(paid)
    return list(dict.fromkeys(noticed + waiting))


def cart_summary(quotes: list[Quote]) -> str:
    """Return a sentence for screen readers: the number of items and the totals."""
    quantity = sum(each.quantity for each in quotes)
    if not quantity:
        return _("Your cart is empty.")
    amounts = ", ".join(str(money(q.totals.total, q.order.currency)) for q in quotes)
    return ngettext(
        "Your cart: %(quantity)s item, %(amounts)s.",
        "Your cart: %(quantity)s items, %(amounts)s.",
        quantity,
    ) % {"quantity": quantity, "amounts": amounts}


def shipping_summary(quote: Quote) -> str:
    """Return a sentence for screen readers: what shipping costs, and the total."""
    if quote.shipping is None:
        return ""
    currency = quote.order.currency
    return _("Shipping to %(country)s: %(amount)s. The total is now %(total)s.") % {
        "country": country_name(quote.shipping.country),
        "amount": money(quote.shipping.amount, currency) if quote.shipping.amount else _("free"),
        "total": money(quote.totals.total, currency),
    }
