"""Scenarios for crashes: what is prepared, what crashes, and how people go on afterwards."""

from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from cart.models import Discount, Order, State, Tax
from payments import checkout
from payments.models import Kind, Payment, PaymentState
from payments.reconcile import CALL_GRACE_PERIOD
from payments.settlement import settle
from payments.stripe_api.errors import StripeRefused
from store.models import Item
from tests.crashes.crash_point import crash
from tests.crashes.invariants import World
from tests.support.alerts import alert_messages
from tests.support.payments import CAUSE

SOON = CALL_GRACE_PERIOD  # no call is in progress any more
LATE = timedelta(hours=25)  # after every hold and the lifetime of an idempotency key
SECRET = "whsec_minicart"
CREATING = {Kind.CHECKOUT: "POST /v1/checkout/sessions", Kind.INTENT: "POST /v1/payment_intents"}


def make_item(stock: int | None, **values: Any) -> Item:
    """The description keeps the initial stock, for the invariants."""
    defaults = {"name": "Mug", "price": Decimal("19.99"), "currency": "USD"}
    return Item.objects.create(stock=stock, description=str(stock), **(defaults | values))


class Scenario(ABC):
    reconciled_after: timedelta | None = SOON  # None: people go on before the reconciler runs
    at_every_point = True  # False for a variant of another scenario
    least_points: int  # so that a short trace is an error

    def __init__(self, world: World) -> None:
        self.world = world
        self.prepare()

    @abstractmethod
    def prepare(self) -> None: ...

    @abstractmethod
    def act(self) -> None:
        """What crashes."""

    def check(self) -> None:  # noqa: B027  # most have nothing to add
        """Checks more than the invariants, after the reconciler."""

    @abstractmethod
    def go_on(self) -> None:
        """What people do next, which must work as without a crash."""


class BuyItem(Scenario):
    least_points = 24
    currency = "USD"

    def prepare(self) -> None:
        Tax.objects.create(display_name="VAT", percentage=Decimal(20))
        self.item = make_item(stock=1, currency=self.currency)

    def act(self) -> None:
        self.buy()

    def buy(self) -> str:
        opened = checkout.buy_item(
            item_id=self.item.pk,
            visitor="visitor",
            address_hash="",
            kind=self.world.kind,
            at=self.world.now,
        )
        return opened.stripe_payment.id

    def go_on(self) -> None:
        buy_pay_and_settle(self)


class BuyItemReconciledLate(BuyItem):
    at_every_point = False
    reconciled_after: timedelta | None = LATE


class BuyItemAgainAtOnce(BuyItem):
    at_every_point = False
    reconciled_after: timedelta | None = None


class BuyOrder(Scenario):
    """Two lines, a code that can be used once, and a tax."""

    least_points = 28
    percent = Decimal(10)
    reconciled_after: timedelta | None = LATE

    def prepare(self) -> None:
        Tax.objects.create(display_name="VAT", percentage=Decimal(20))
        discount = Discount.objects.create(code="ONCE", percent=self.percent, max_redemptions=1)
        self.order = Order.objects.create(currency="USD", discount=discount)
        for item, quantity in ((make_item(stock=2), 2), (make_item(stock=None), 1)):
            self.order.lines.create(
                item=item, name=item.name, unit_amount=item.amount, quantity=quantity
            )

    def act(self) -> None:
        self.buy()

    def buy(self) -> str:
        order = Order.objects.get(pk=self.order.pk)
        opened = checkout.buy_order(
            order=order,
            shown_fingerprint=None,
            address_hash="",
            kind=self.world.kind,
            at=self.world.now,
        )
        return opened.stripe_payment.id

    def go_on(self) -> None:
        buy_pay_and_settle(self)


class BuyOrderAgainAtOnce(BuyOrder):
    at_every_point = False
    reconciled_after: timedelta | None = None


class BuyRefusedByStripe(BuyOrder):
    """Stripe refuses the session, and the attempt ends at once."""

    reconciled_after: timedelta | None = SOON

    def act(self) -> None:
        self.world.local_stripe.fail(path=CREATING[self.world.kind].split()[1], status=403)
        with suppress(StripeRefused):
            self.buy()

    def go_on(self) -> None:
        self.world.local_stripe.fail(calls=0)
        super().go_on()


class Reconcile(BuyOrder):
    """The reconciler crashes at an attempt whose process crashed before it stored its session."""

    least_points = 20
    reconciled_after: timedelta | None = SOON

    def prepare(self) -> None:
        super().prepare()
        crash(self.buy, f"after {CREATING[self.world.kind]}")
        self.world.let_pass(SOON)

    def act(self) -> None:
        self.world.reconcile()

    def check(self) -> None:
        assert Order.objects.get().state == State.CART


class ReconcileOverdue(Reconcile):
    """The buyer never paid: an expired session, or an intent that the shop must end."""

    def prepare(self) -> None:
        BuyOrder.prepare(self)
        self.buy()
        self.world.let_pass(LATE)


class Paid(BuyOrder):
    """Paid, and settled by the return page."""

    least_points = 12
    reconciled_after: timedelta | None = SOON

    def prepare(self) -> None:
        super().prepare()
        self.stripe_id = self.buy()
        self.world.pay(self.stripe_id)

    def act(self) -> None:
        settle(Payment.objects.get(), at=self.world.now, cause=CAUSE)

    def check(self) -> None:
        order = Order.objects.get()
        assert (order.state, alert_messages(order)) == (State.PAID, "")

    def go_on(self) -> None:
        settle(Payment.objects.get(), at=self.world.now, cause=CAUSE)


class PaidAndReconciled(Paid):
    """No event came: the reconciler finds the payment, and crashes."""

    def act(self) -> None:
        self.world.reconcile()


def buy_pay_and_settle(scenario: BuyItem | BuyOrder) -> None:
    """The buyer presses Buy again and pays."""
    stripe_id = scenario.buy()
    payment = Payment.objects.get(stripe_id=stripe_id)
    assert payment.state == PaymentState.OPEN
    scenario.world.pay(stripe_id)
    settle(payment, at=scenario.world.now, cause=CAUSE)
    payment.order.refresh_from_db()
    assert payment.order.state == State.PAID
    assert not alert_messages(payment.order)
