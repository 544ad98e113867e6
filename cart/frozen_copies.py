"""What checkout copies from a quote: the fields and the taxes of the order."""

from datetime import datetime

from cart.held_limits import held_since
from cart.models import Discount, LineTax, OrderTax
from cart.quote import Quote
from web.language import language_of_page


def copied_fields(quote: Quote, at: datetime) -> dict[str, object]:
    """Return the order's fields that checkout sets. Amounts in minor units."""
    discount = quote.order.discount
    return _copied_shipping(quote) | {
        "discount": discount,
        "discount_code": discount.code if discount else "",
        "discount_percent": discount.percent if discount else None,
        "subtotal_amount": quote.totals.subtotal,
        "discount_amount": quote.totals.discount,
        "total_amount": quote.totals.total,
        "language": language_of_page(),
        "frozen_at": at,
        "held_since": held_since(quote.order, at=at) if _is_limited(quote, discount) else None,
    }


def _copied_shipping(quote: Quote) -> dict[str, object]:
    """Return the order's fields about shipping that checkout sets. Amounts in minor units."""
    fields: dict[str, object] = {"needs_shipping": quote.needs_shipping}
    if quote.shipping is None:
        return fields
    return fields | {
        "shipping_country": quote.shipping.country,
        "shipping_rate_id": quote.shipping.rate_id,
        "shipping_rate_name": quote.shipping.rate_name,
        "shipping_delivery_time": quote.shipping.delivery_time,
        "shipping_amount": quote.totals.shipping,
        "shipping_discount_amount": quote.totals.shipping_share.discount,
    }


def _is_limited(quote: Quote, discount: Discount | None) -> bool:
    """Whether others can run out of something in the quote."""
    if discount and discount.is_limited:
        return True
    return any(quoted.line.item.stock is not None for quoted in quote.lines)


def copy_taxes(quote: Quote) -> list[OrderTax]:
    """Copy the taxes of the quote. Don't query them again: staff may have changed them since."""
    taxes = OrderTax.objects.bulk_create(
        OrderTax(
            order=quote.order,
            display_name=quoted.tax.display_name,
            percentage=quoted.tax.percentage,
            is_inclusive=quoted.is_inclusive,
            country=quoted.tax.country,
            amount=quoted.amount,
            shipping_amount=shipping_amount,
        )
        for quoted, shipping_amount in zip(
            quote.taxes, quote.totals.shipping_share.taxes, strict=True
        )
    )
    LineTax.objects.bulk_create(
        LineTax(line=quoted.line, tax=tax, amount=amount)
        for quoted, share in zip(quote.lines, quote.totals.shares, strict=True)
        for tax, amount in zip(taxes, share.taxes, strict=True)
    )
    return taxes
