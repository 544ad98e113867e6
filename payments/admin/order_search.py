"""The search of the list of orders. Indexes find a number or an id; names are looked for in all."""

import re

from django.db.models import Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal

from cart.models import Order, OrderLine, ShippingAddress
from payments.models import Invoice, Payment, Refund
from payments.models.invoice import SERIES

# An order number as people type it, and the address of a receipt as they paste it.
SPOKEN_NUMBER = re.compile(r"(\w{4})[\s-]?(\w{4})")
RECEIPT_ADDRESS = re.compile(r"https?://[^/]+/order/([\w-]+)[/?#]?.*")


def with_exactly(term: str) -> set[int]:
    """The keys of the orders that have this number, token, invoice or Stripe id."""
    address, number = RECEIPT_ADDRESS.fullmatch(term), SPOKEN_NUMBER.fullmatch(term)
    token = address[1] if address else term
    spoken = f"{number[1]}-{number[2]}".upper() if number else term
    invoices = [term.upper(), *(f"{series}-{term}" for series in SERIES)]
    payments = Payment.objects.filter(Q(stripe_id=term) | Q(intent_id=term))
    return {
        *Order.objects.filter(Q(token=token) | Q(number=spoken)).values_list("pk", flat=True),
        *payments.values_list("order", flat=True),
        *Refund.objects.filter(stripe_id=term).values_list("payment__order", flat=True),
        *Invoice.objects.filter(number__in=invoices).values_list("order", flat=True),
    }


def with_words(orders: QuerySet[Order], term: str) -> QuerySet[Order]:
    """The orders in which each word is found: in the number, an address, a name or an item.

    An e-mail address, or a part of it with its @, isn’t looked for in all the names.
    """
    for word in smart_split(term):
        text = unescape_string_literal(word) if _is_quoted(word) else word
        if "@" in text:
            orders = orders.filter(email__icontains=text)
            continue
        lines = OrderLine.objects.filter(name__any_case=text)
        recipients = ShippingAddress.objects.filter(name__any_case=text)
        orders = orders.filter(
            Q(number__icontains=text)
            | Q(email__icontains=text)
            | Q(buyer_name__any_case=text)
            | Q(pk__in=lines.values("order"))
            | Q(pk__in=recipients.values("order"))
        )
    return orders


def _is_quoted(word: str) -> bool:
    return word[0] in "\"'" and word[0] == word[-1]
