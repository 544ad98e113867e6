"""Scenarios for crashes in refunds, delayed payments and edits of an order that is being paid."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.test import Client

from cart.models import Order, OrderLine, State
from payments import refunds
from payments.models import Payment, Refund, RefundReason, RefundState
from payments.settlement import settle
from store.models import Item
from tests.crashes.crash_point import crash
from tests.crashes.scenarios import LATE, BuyItem, Paid, Scenario, make_item
from tests.support.alerts import alert_messages
from tests.support.carts import add
from tests.support.payments import CAUSE

KEY = UUID(int=1)


class RefundAll(Paid):
    """A full refund, with all pieces returned to the stock."""

    least_points = 25
    amount = 0
    pieces = (2, 1)  # of the limited item and of the other one

    def prepare(self) -> None:
        super().prepare()
        settle(Payment.objects.get(), at=self.world.now, cause=CAUSE)
        self.amount = self.amount or Payment.objects.get().amount

    def act(self) -> None:
        self.refund(KEY)

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
        )

    def chosen(self) -> dict[int, int]:
        lines = Order.objects.get().lines.values_list("pk", flat=True)
        return {line: n for line, n in zip(lines, self.pieces, strict=True) if n}

    def check(self) -> None:
        """A refund that is stored is made exactly once, and its pieces are back."""
        made = Refund.objects.count()
        assert self.given_back() == self.amount * made
        assert self.stock() == made * self.pieces[0]

    def stock(self) -> int | None:
        return Item.objects.get(name="Mug", stock__isnull=False).stock

    def given_back(self) -> int:
        return sum(each["amount"] for each in self.world.local_stripe.refunds())

    def go_on(self) -> None:
        """Staff press the button again."""
        self.refund(KEY)
        assert self.given_back() == self.amount
        assert self.stock() == self.pieces[0]


class RefundSome(RefundAll):
    """A part of the money, for one of two pieces."""

    amount = 500
    pieces = (1, 0)

    def go_on(self) -> None:
        super().go_on()
        self.refund(UUID(int=2))
        assert self.given_back() == 2 * self.amount
        assert self.stock() == 2


class GiveBackFreeOrder(RefundAll):
    """A refund of 0, which Stripe isn't asked for."""

    least_points = 12
    percent = Decimal(100)

    def check(self) -> None:
        super().check()
        assert Order.objects.get().state == State.PAID
        assert self.given_back() == 0


class RefundAgainAtOnce(RefundSome):
    at_every_point = False
    reconciled_after: timedelta | None = None

    def check(self) -> None:
        """The reconciler has not run yet."""

    def go_on(self) -> None:
        self.refund(KEY)
        self.world.reconcile()
        assert self.given_back() == self.amount


class RefundReconciledLate(RefundSome):
    """The idempotency key has expired: a refund that Stripe doesn't have is left to staff."""

    at_every_point = False
    reconciled_after: timedelta | None = LATE

    def check(self) -> None:
        assert self.given_back() <= self.amount
        assert self.stock() == self.given_back() // self.amount

    def go_on(self) -> None:
        self.refund(KEY)
        if Refund.objects.get(key=KEY).state == RefundState.FAILED:
            assert "Stripe did not make refund" in alert_messages(Order.objects.get())
            self.refund(UUID(int=2))
        assert self.given_back() == self.amount


class ReconcileRefund(RefundAll):
    """The reconciler crashes at a refund that was stored but not sent to Stripe."""

    def prepare(self) -> None:
        super().prepare()
        crash(lambda: self.refund(KEY), "before POST /v1/refunds")

    def act(self) -> None:
        self.world.reconcile()


class ReconcileRefundOfTheDashboard(RefundAll):
    """Made in Stripe's dashboard, without an event: no pieces return."""

    pieces = (0, 0)

    def prepare(self) -> None:
        super().prepare()
        self.world.local_stripe.refund(Payment.objects.get().intent_id)

    def act(self) -> None:
        self.world.reconcile()

    def go_on(self) -> None:
        self.world.reconcile()
        assert Order.objects.get().is_refunded


class Edit(Scenario):
    """The buyer changes the cart in another tab while its session is open."""

    least_points = 32

    def prepare(self) -> None:
        self.client, self.item = Client(), make_item(stock=3)
        add(self.client, self.item)
        self.stripe_id = self.buy()
        self.line = OrderLine.objects.get()

    def buy(self) -> str:
        answer = self.client.get("/order/buy")
        assert answer.status_code == 200, answer.content
        return str(answer.json()["id"])

    def act(self) -> None:
        self.client.post(f"/order/lines/{self.line.pk}", {"quantity": 2})

    def go_on(self) -> None:
        """The cart is still there, with or without the edit."""
        stripe_id = self.buy()
        self.world.pay(stripe_id)
        payment = Payment.objects.get(stripe_id=stripe_id)
        settle(payment, at=self.world.now, cause=CAUSE)
        assert payment.order.lines.get().quantity in (1, 2)


class EditReconciledLate(Edit):
    at_every_point = False
    reconciled_after: timedelta | None = LATE

    def go_on(self) -> None:
        self.world.let_pass(-LATE)  # the views use the real clock
        super().go_on()


class EditOfPaid(Edit):
    """The buyer has paid on Stripe's page, and the shop doesn't know it yet."""

    def prepare(self) -> None:
        super().prepare()
        self.world.pay(self.stripe_id)

    def check(self) -> None:
        """The paid piece is in no cart; the piece that was added is, if the edit was stored."""
        lines = OrderLine.objects.all()
        assert [line.quantity for line in lines.filter(order__state=State.PAID)] == [1]
        assert [line.quantity for line in lines.filter(order__state=State.CART)] in ([], [1])

    def go_on(self) -> None:
        """The check again, after the buyer has added a piece."""
        add(self.client, self.item)
        self.world.pay(self.buy())
        self.world.reconcile()
        paid = OrderLine.objects.filter(order__state=State.PAID)
        assert sum(line.quantity for line in paid) in (2, 3)


class DelayedMoney(BuyItem):
    """A bank debit, which is pending before it succeeds."""

    least_points = 12
    currency = "EUR"
    iban = "DE89370400440532013000"
    ends_as = State.PAID

    def prepare(self) -> None:
        super().prepare()
        self.world.local_stripe.configure(delayed_seconds=None)
        stripe_id = self.buy()
        self.world.local_stripe.pay_intent(stripe_id, iban=self.iban)
        settle(Payment.objects.get(), at=self.world.now, cause=CAUSE)
        assert Order.objects.get().state == State.PROCESSING
        self.world.local_stripe.finish_delayed(stripe_id)

    def act(self) -> None:
        settle(Payment.objects.get(), at=self.world.now, cause=CAUSE)

    def check(self) -> None:
        assert Order.objects.get().state == self.ends_as

    def go_on(self) -> None:
        """Settling again changes nothing."""
        self.act()
        self.check()


class DelayedMoneyUnderWay(DelayedMoney):
    least_points = 10

    def prepare(self) -> None:
        BuyItem.prepare(self)
        self.world.local_stripe.configure(delayed_seconds=None)
        self.stripe_id = self.buy()
        self.world.local_stripe.pay_intent(self.stripe_id, iban=self.iban)

    def check(self) -> None:
        assert Order.objects.get().state == State.PROCESSING

    def go_on(self) -> None:
        self.world.local_stripe.finish_delayed(self.stripe_id)


class DelayedMoneyFails(DelayedMoney):
    iban = "DE62370400440532013001"
    ends_as = State.CANCELLED

    def go_on(self) -> None:
        super().go_on()
        self.world.pay(self.buy())
        self.world.reconcile()
        assert Order.objects.filter(state=State.PAID).count() == 1
