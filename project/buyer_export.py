"""What the shop keeps about a buyer, for the buyer to read."""

from typing import Any

from cart.models import Order, ShippingAddress
from notifications.models import Mail
from payments.models import Refund
from project.privacy import kept_until, orders_of

ADDRESS = ("name", "phone", "line1", "line2", "postal_code", "city", "state", "country")
# Amounts are in minor units of the order's currency.
ORDER = """
    number state email buyer_name language currency subtotal_amount discount_code discount_amount
    shipping_amount total_amount refunded_amount shipping_country shipping_rate_name
    created_at paid_at shipped_at tracking_number tracking_url
""".split()
LINE = ("name", "quantity", "unit_amount")
TAX = ("display_name", "percentage", "amount")
PAYMENT = """
    kind state stripe_id intent_id amount refunded_amount instructions_url created_at
""".split()
REFUND = ("stripe_id", "amount", "shipping_amount", "reason", "state", "created_at")
STEP = ("at", "from_state", "to_state", "kind", "detail")
ALERT = ("message", "raised_at", "resolved_at")
NOTE = ("text", "written_at")
MAIL = ("to", "reason", "state", "created_at", "sent_at")


def buyer_data(email: str) -> dict[str, Any]:
    """What is stored about the buyer with this address, as JSON can have it.

    Without the names of staff, and without the random keys of the browser.
    """
    return {"email": email.strip(), "orders": [_order_data(each) for each in orders_of(email)]}


def _order_data(order: Order) -> dict[str, Any]:
    addresses = ShippingAddress.objects.filter(order=order)
    return {
        **{name: getattr(order, name) for name in ORDER},
        "kept_until": kept_until(order),
        "shipping_address": addresses.values(*ADDRESS).first(),
        "lines": list(order.lines.values(*LINE)),
        "taxes": list(order.taxes.values(*TAX)),
        "payments": list(order.payments.values(*PAYMENT)),
        "refunds": list(Refund.objects.filter(payment__order=order).values(*REFUND)),
        "invoices": list(order.invoices.values_list("number", flat=True)),
        "history": list(order.history.values(*STEP)),
        "alerts": list(order.alerts.values(*ALERT)),
        "staff_notes": list(order.staff_notes.values(*NOTE)),
        "mails": list(Mail.objects.filter(order=order).exclude(to="").values(*MAIL)),
    }
