"""Scenarios for crashes in purchases with shipping, and when staff mark an order as shipped.

The orders have a discount: at Checkout each attempt has its own coupon.
"""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from cart.models import Order
from cart.shipped import ShippedAlready, Tracking, mark_shipped
from payments import refunds
from payments.models import Payment, Refund, RefundReason
from payments.refunds.proposal import refundable
from payments.settlement import settle
from tests.crashes.refund_scenarios import RefundAll
from tests.crashes.scenarios import (
    LATE,
    BuyItem,
    BuyOrder,
    BuyRefusedByStripe,
    Paid,
    Reconcile,
    ReconcileOverdue,
)
from tests.support.payments import CAUSE
from tests.support.shipping import add_rate

SHIPPING = 490


class BuyItemWithShipping(BuyItem):
    def prepare(self) -> None:
        add_rate(SHIPPING, "DE")
        super().prepare()


class BuyOrderWithShipping(BuyOrder):
    def prepare(self) -> None:
        add_rate(SHIPPING, "DE")
        super().prepare()

    def check(self) -> None:
        """An order that was frozen has its shipping, or is a cart again."""
        order = Order.objects.get()
        assert order.shipping_amount == (SHIPPING if order.has_shipping else 0)


class BuyOrderWithShippingLate(BuyOrderWithShipping):
    at_every_point = False
    reconciled_after: timedelta | None = LATE


class BuyOrderWithShippingAgainAtOnce(BuyOrderWithShipping):
    at_every_point = False
    reconciled_after: timedelta | None = None


class RefusedWithShipping(BuyRefusedByStripe):
    def prepare(self) -> None:
        add_rate(SHIPPING, "DE")
        super().prepare()


class ReconcileWithShipping(Reconcile):
    def prepare(self) -> None:
        add_rate(SHIPPING, "DE")
        super().prepare()


class ReconcileOverdueWithShipping(ReconcileOverdue):
    def prepare(self) -> None:
        add_rate(SHIPPING, "DE")
        super().prepare()


class PaidWithShipping(Paid):
    def prepare(self) -> None:
        add_rate(SHIPPING, "DE")
        super().prepare()


class PaidAndReconciledWithShipping(PaidWithShipping):
    """The reconciler finds the payment, and deletes the coupon."""

    def act(self) -> None:
        self.world.reconcile()


class MarkShipped(PaidWithShipping):
    """The buyer gets one mail about the parcel."""

    least_points = 5

    def prepare(self) -> None:
        super().prepare()
        settle(Payment.objects.get(), at=self.world.now, cause=CAUSE)

    def act(self) -> None:
        tracking = Tracking("RR123456785DE", "https://parcels.example/RR123456785DE")
        at = self.world.now
        mark_shipped(Order.objects.get().pk, tracking, notify=True, by="staff", at=at)

    def check(self) -> None:
        order = Order.objects.get()
        assert bool(order.shipped_at) == bool(order.tracking_number)

    def go_on(self) -> None:
        """Staff press the button again."""
        with suppress(ShippedAlready):
            self.act()
        assert Order.objects.get().shipped_at


class RefundShipping(RefundAll):
    """What was paid for shipping, and one of two pieces."""

    pieces = (1, 0)

    def prepare(self) -> None:
        add_rate(SHIPPING, "DE")
        super().prepare()
        self.amount = refundable(Payment.objects.get()).proposal(self.chosen(), shipping=True)

    def refund(self, key: UUID) -> None:
        refunds.request_refund(
            payment=Payment.objects.get(),
            key=key,
            amount=self.amount,
            reason=RefundReason.REQUESTED_BY_CUSTOMER,
            pieces=self.chosen(),
            restock=True,
            by="staff",
            at=self.world.now,
            shipping=True,
        )

    def go_on(self) -> None:
        super().go_on()
        assert Refund.objects.get().shipping_amount
        assert refundable(Payment.objects.get()).shipping_amount == 0
