"""{% order_line quoted_line %}: a line in the page of the cart."""

import functools

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from cart.cart_page import FormError
from cart.quote import Problem, QuotedLine
from store.models import Item
from store.templatetags.money import money
from web.filling import fill

register = template.Library()
THUMBNAIL = 192  # 96 pixels of CSS on a screen with two pixels each


@register.simple_tag(takes_context=True)
def order_line(context: Context, quoted: QuotedLine) -> SafeString:
    """A page may have many, so web.filling renders them."""
    values = _item(quoted.line.item) | _amounts(quoted) | _problem(context, quoted)
    values |= _forms(quoted, context.get("line_error"))
    return fill("cart/order_line.html", {"key": quoted.key, **values})


def _item(item: Item) -> dict[str, object]:
    picture = item.main_picture
    return {
        "name": item.name,
        "initial": item.name[:1],
        "item_url": _address("store:item-detail", item.pk),
        "is_listed": item.is_listed,
        "has_picture": bool(picture),
        "picture_url": picture.url(THUMBNAIL) if picture else "",
    }


def _amounts(quoted: QuotedLine) -> dict[str, object]:
    currency, was = quoted.line.order.currency, quoted.was_amount
    return {
        "is_counted": quoted.is_counted,
        "has_unit_price": quoted.line.quantity > 1 or not quoted.is_counted,
        "unit_amount": quoted.unit_amount,
        "price": money(quoted.unit_amount, currency),
        "subtotal_amount": quoted.subtotal,
        "subtotal": money(quoted.subtotal, currency),
        "has_changed": was is not None,
        "was": "" if was is None else money(was, currency),
    }


def _problem(context: Context, quoted: QuotedLine) -> dict[str, object]:
    is_sold_out = quoted.problem == Problem.SOLD_OUT
    return {
        "sold_out": _sold_out(context, quoted) if is_sold_out else "",
        "has_problem": quoted.problem is not None and not is_sold_out,
        "problem": quoted.message,
    }


def _sold_out(context: Context, quoted: QuotedLine) -> SafeString:
    values = {"item": quoted.line.item, "message": quoted.message}
    return render_to_string("cart/sold_out_line.html", values, request=context["request"])


def _forms(quoted: QuotedLine, error: FormError | None) -> dict[str, object]:
    """`error` may belong to another line."""
    line = quoted.line
    if error and (error.item_id, error.currency) != (line.item_id, line.order.currency):
        error = None
    text = error.text if error else None
    return {
        "quantity": line.quantity,
        "shown_quantity": line.quantity if text is None else text,
        "is_refused": text is not None,
        "error": error.message if error else "",
        "update_url": _address("cart:update-line", line.pk),
        "remove_url": _address("cart:remove-line", line.pk),
    }


@functools.lru_cache(maxsize=10_000)  # each change of a cart shows all of its lines again
def _address(name: str, key: int) -> str:
    return reverse(name, args=[key])
