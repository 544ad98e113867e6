"""What the templates of mails can show: texts, in the language that is active."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from cart.models import Order, ShippingAddress
from cart.next_step import next_step
from notifications.models import Mail
from payments.admin.documents import OrderDocuments
from payments.models import AWAITED, ENDED_BUT_PAYABLE, Refund
from store.models import Shop
from store.templatetags.money import money


@dataclass(frozen=True)
class Link:
    """An address. Unlike other texts it is not escaped; it is safe between < and >."""

    url: str

    def __str__(self) -> str:
        return self.url.translate({ord("<"): "%3C", ord(">"): "%3E", ord(" "): "%20"})


def values_of(mail: Mail, shop: Shop) -> dict[str, Any]:
    """The values for the template of this mail."""
    values: dict[str, Any] = {"shop": _contact(shop)}
    if mail.order:
        values |= {"order": _order(mail.order), "address": _address(mail.order)}
        values |= {"refund": _refund(mail.order, mail.reference)}
        values |= {"alert": _alert_message(mail.order, mail.reference)}
    if mail.item:
        link = _admin_link("store_item", mail.item.pk)
        values["item"] = {"name": mail.item.name, "stock": mail.item.stock, "link": link}
    return values


def _contact(shop: Shop) -> dict[str, Any]:
    return {
        "name": shop.name,
        "email": shop.email,
        "phone": shop.phone,
        "address": [line for line in shop.postal_address.splitlines() if line.strip()],
        "link": Link(f"{settings.BASE_URL}/"),
    }


def _order(order: Order) -> dict[str, Any]:
    return _figures(order) | {
        "number": order.number,
        "email": order.email,
        "link": Link(settings.BASE_URL + order.get_absolute_url()),
        "admin_link": _admin_link("cart_order", order.pk),
        "lines": [
            {
                "name": line.name,
                "quantity": line.quantity,
                "amount": money(line.subtotal_amount, order.currency),
            }
            for line in order.lines.all()
        ],
        "next_step": next_step(order),
        "shipped_on": date_format(localtime(order.shipped_at)) if order.shipped_at else "",
        "pieces_to_send": [
            {"name": piece.name, "quantity": piece.quantity}
            for piece in OrderDocuments(order).pieces
        ],
        "delivery_time": order.shipping_delivery_time,
        "tracking_number": order.tracking_number,
        "tracking_link": Link(order.tracking_url) if order.tracking_url else "",
        "is_awaited": order.payments.filter(AWAITED).exists(),
        "has_payable_transfer": order.payments.filter(ENDED_BUT_PAYABLE).exists(),
    }


def _figures(order: Order) -> dict[str, Any]:
    """The amounts that were frozen; where Stripe's differ by rounding, these."""
    return {
        "subtotal": money(order.subtotal_amount, order.currency),
        "discount_code": order.discount_code,
        "discount": money(order.discount_amount, order.currency) if order.discount_amount else "",
        "shipping_name": order.shipping_rate_name,
        "shipping": money(order.shipping_amount, order.currency),
        "taxes": [
            {
                "name": tax.name,
                "is_inclusive": tax.is_inclusive,
                "amount": money(tax.amount, order.currency),
            }
            for tax in order.taxes.all()
        ],
        "total": money(order.total_amount, order.currency),
        "is_free": order.total_amount == 0,
    }


def _address(order: Order) -> list[str]:
    """The lines of the shipping address; none where nothing is sent."""
    address = ShippingAddress.objects.filter(order=order).first()
    return address.as_lines() if address else []


def _refund(order: Order, reference: str) -> dict[str, Any]:
    refund = Refund.objects.filter(payment__order=order, stripe_id=reference).first()
    if not reference or refund is None:
        return {}
    pieces = refund.lines.select_related("line")
    return {
        "amount": money(refund.amount, refund.payment.currency),
        "has_shipping": refund.shipping_amount > 0,
        "pieces": [{"name": each.line.name, "quantity": each.quantity} for each in pieces],
    }


def _alert_message(order: Order, reference: str) -> str:
    """What staff have to do, in the shop's language."""
    alert = order.alerts.filter(pk=reference).first() if reference.isdecimal() else None
    return alert.message if alert else ""


def _admin_link(model: str, pk: int) -> Link:
    return Link(settings.BASE_URL + reverse(f"admin:{model}_change", args=[pk]))
