"""Orders with all that an order can say about its buyer."""

from typing import Any

import pytest

from cart.models import Order, ShippingAddress, State
from notifications.models import Mail, MailReason
from store.models import Item
from tests.support.privacy import EMAIL, OLD, NewOrder


@pytest.fixture
def paid_order(item: Item) -> NewOrder:
    """Makes paid orders with all that an order can say about its buyer."""

    def make(**values: Any) -> Order:
        defaults = {
            "state": State.PAID,
            "currency": "USD",
            "total_amount": 2489,
            "subtotal_amount": 1999,
            "shipping_amount": 490,
            "shipping_country": "DE",
            "needs_shipping": True,
            "shipped_at": OLD,
            "tracking_number": "RX-1234",
            "tracking_url": "https://carrier.example/RX-1234",
            "email": EMAIL,
            "buyer_name": "Ada Lovelace",
            "visitor": "visitor-key",
            "paid_at": OLD,
        }
        order = Order.objects.create(**(defaults | values))
        order.lines.create(item=item, quantity=1, name=item.name, unit_amount=1999)
        order.staff_notes.create(text="She rang twice.", written_by="admin")
        ShippingAddress.objects.create(
            order=order,
            name="Ada Lovelace",
            phone="55512345",
            line1="Elm Street 1",
            line2="2nd floor",
            postal_code="99999",
            city="Springtown",
            country="DE",
        )
        Mail.objects.create(
            order=order,
            reason=MailReason.ORDER_CONFIRMED,
            to=order.email or "staff@shop.example",
            last_error=f"550 {order.email}: mailbox is full",
        )
        Mail.objects.create(order=order, reason=MailReason.NEW_ORDER)
        order.payments.create(
            account="default",
            livemode=False,
            stripe_id=f"cs_test_{order.pk}",
            intent_id=f"pi_{order.pk}",
            amount=2489,
            currency="USD",
            state="succeeded",
            expires_at=OLD,
            instructions_url="https://pay.example/voucher",
        )
        return order

    return make
