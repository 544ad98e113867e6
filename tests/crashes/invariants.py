"""What is true after every crash and a run of the reconciler: our rows match Stripe's objects."""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from cart.models import HELD, Discount, Order, OrderLine, State, Tax
from payments.models import (
    PENDING,
    Invoice,
    InvoiceCounter,
    Kind,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    StripeObjectId,
)
from payments.models.invoice import FIRST_NUMBER
from payments.reconcile import reconcile
from payments.stripe_api import payment_intents
from payments.stripe_api.accounts import account_for
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.local_stripe import LocalStripe

PAID_ENOUGH = ("paid", "no_payment_required")


class World:
    """The shop's database, the local Stripe, and one clock for both."""

    def __init__(self, local_stripe: LocalStripe, kind: Kind) -> None:
        self.local_stripe = local_stripe
        self.kind = kind
        self.ahead = timedelta(0)
        local_stripe.reset()
        for model in (Invoice, InvoiceCounter, Order, Item, Discount, Tax, StripeObjectId):
            model.objects.all().delete()

    @property
    def now(self) -> datetime:
        return timezone.now() + self.ahead

    def let_pass(self, time: timedelta) -> None:
        self.ahead += time
        self.local_stripe.configure(clock_ahead=int(self.ahead.total_seconds()))

    def reconcile(self) -> None:
        for summary in reconcile(older_than=timedelta(0), at=self.now):
            assert not summary.failed

    def pay(self, stripe_id: str) -> None:
        if self.kind == Kind.CHECKOUT:
            self.local_stripe.pay(stripe_id)
        else:
            self.local_stripe.pay_intent(stripe_id, card="4242424242424242")

    def end(self, stripe_id: str) -> None:
        """Expires a session, or cancels an intent."""
        if self.kind == Kind.CHECKOUT:
            self.local_stripe.expire(stripe_id)
        else:
            payment_intents.cancel(account_for("USD"), stripe_id)

    def taken(self) -> Counter[str]:
        """How many payments the local Stripe took, by the order's number."""
        if self.kind == Kind.CHECKOUT:
            return Counter(
                each["client_reference_id"]
                for each in self.local_stripe.all_sessions()
                if each["status"] == "complete" and each["payment_status"] in PAID_ENOUGH
            )
        return Counter(
            each["metadata"]["order"]
            for each in self.local_stripe.intents()
            if each["status"] == "succeeded"
        )

    def check(self) -> None:
        check_stock()
        check_redemptions()
        check_waiting()
        check_histories()
        check_money(self.taken())
        check_invoices()
        check_refunds(self.local_stripe.refunds() if self.kind == Kind.CHECKOUT else [])


def check_stock() -> None:
    """Every piece of the initial stock, kept in `description`, is in the stock, held or sold."""
    for item in Item.objects.exclude(stock=None):
        held = sum(line.held_quantity for line in item.order_lines.all())
        assert (item.stock or 0) + held == int(item.description), "the stock doesn't add up"
    for line in OrderLine.objects.annotate(back=Coalesce(Sum("refunds__restocked_quantity"), 0)):
        if line.order.state == State.PAID and line.item.stock is not None:
            assert line.held_quantity + line.back == line.quantity, "pieces returned twice"
    without_hold = Order.objects.filter(state__in=[State.CART, State.CANCELLED])
    assert not without_hold.filter(lines__held_quantity__gt=0).exists()


def check_redemptions() -> None:
    for discount in Discount.objects.all():
        using = discount.orders.filter(state__in=[*HELD, State.PAID]).count()
        assert discount.times_redeemed == using, "a redemption is counted wrong"


def check_waiting() -> None:
    """An order is held exactly while a payment of it can succeed."""
    held = Order.objects.filter(state__in=HELD).values_list("pk", flat=True)
    awaited = Payment.objects.filter(state__in=PENDING).values_list("order_id", flat=True)
    assert sorted(held) == sorted(awaited), "held orders and open payments don't match"


def check_histories() -> None:
    """Every step has its history row, and no order was paid twice."""
    for payment in Payment.objects.all():
        last = payment.history.last()
        assert payment.state == (last.to_state if last else PaymentState.OPEN)
    for order in Order.objects.all():
        last_step = order.history.last()
        assert order.state == (last_step.to_state if last_step else State.CART)
        paid = order.history.filter(to_state=State.PAID).exclude(from_state=State.PAID).count()
        assert paid == (order.state == State.PAID)


def check_invoices() -> None:
    """Each paid order has an invoice, and no series has a gap."""
    paid = Order.objects.filter(state=State.PAID, total_amount__gt=0)
    invoices = Invoice.objects.filter(kind="invoice").values_list("order_id", flat=True)
    assert sorted(paid.values_list("pk", flat=True)) == sorted(invoices)
    for counter in InvoiceCounter.objects.all():
        of_series = Invoice.objects.filter(number__startswith=f"{counter.series}-")
        given = sorted(int(each.number.rpartition("-")[2]) for each in of_series)
        assert given == list(range(FIRST_NUMBER, counter.last_number + 1)), "an invoice is missing"


def check_money(taken: Counter[str]) -> None:
    """Each payment at Stripe is a paid order or one with an alert, and nothing else is paid."""
    succeeded = Payment.objects.filter(state=PaymentState.SUCCEEDED)
    assert Counter(each.order.number for each in succeeded) == taken, "money is lost or made up"
    for order in Order.objects.filter(number__in=taken):
        needs_staff = order.state != State.PAID or taken[order.number] > 1
        assert bool(alert_messages(order)) >= needs_staff
    assert Order.objects.filter(state=State.PAID).exclude(number__in=taken).count() == 0


def check_refunds(theirs: list[dict[str, object]]) -> None:
    """Our refunds are Stripe's; one that Stripe doesn't have has failed, with an alert.

    A refund of 0 isn't made at Stripe.
    """
    ours = {each.stripe_id: each.amount for each in Refund.objects.exclude(stripe_id="")}
    assert ours == {each["id"]: each["amount"] for each in theirs}, "refunds differ from Stripe's"
    for refund in Refund.objects.filter(stripe_id="", amount__gt=0):
        assert refund.state == RefundState.FAILED
        assert alert_messages(refund.payment.order)
    for payment in Payment.objects.filter(state=PaymentState.SUCCEEDED):
        back = sum(r.amount for r in payment.refunds.exclude(state=RefundState.FAILED))
        assert payment.refunded_amount == payment.order.refunded_amount == back <= payment.amount
