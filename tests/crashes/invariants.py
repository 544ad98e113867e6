"""What is true after every crash and a run of the reconciler: our rows match Stripe's objects."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from cart.models import (
    HELD,
    Discount,
    HistoryKind,
    Order,
    OrderLine,
    ShippingAddress,
    ShippingRate,
    State,
    Tax,
)
from notifications.models import Mail, MailReason
from payments.alerts import DISPUTES, Alert
from payments.models import (
    PENDING,
    REFUNDED_OR_PENDING,
    Invoice,
    InvoiceCounter,
    InvoiceKind,
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
from store.models import Item, Shop
from tests.support.alerts import alert_messages
from tests.support.local_stripe import LocalStripe, to
from tests.support.smtp import MailServer

PAID_ENOUGH = ("paid", "no_payment_required")


class World:
    """The shop's database, the local Stripe, a mail server, and one clock for all."""

    def __init__(self, local_stripe: LocalStripe, kind: Kind, mail_server: MailServer) -> None:
        self.local_stripe = local_stripe
        self.kind = kind
        self.mail_server = mail_server
        self.ahead = timedelta(0)
        local_stripe.reset()
        mail_server.received.clear()
        for model in (Invoice, InvoiceCounter, Order, Item, Discount, Tax, StripeObjectId):
            model.objects.all().delete()
        ShippingRate.objects.all().delete()
        Shop.objects.update_or_create(pk=1, defaults={"name": "Clay", "email": "clay@shop.example"})

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
            country = Payment.objects.get(stripe_id=stripe_id).order.shipping_country
            how: dict[str, Any] = {"shipping": to(country)} if country else {}
            self.local_stripe.pay_intent(stripe_id, card="4242424242424242", **how)

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
        check_credit_notes()
        check_refunds(self.local_stripe.refunds() if self.kind == Kind.CHECKOUT else [])
        check_shipping()
        check_attempt_coupons(self.local_stripe)
        check_mails()


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
    """Each paid order that isn't free has one invoice. No number is missing or given twice.

    One that was paid while it was a cart has none.
    """
    paid = Order.objects.filter(state=State.PAID, total_amount__gt=0)
    paid = paid.exclude(alerts__reason=Alert.PAID_WHILE_CART)
    invoices = Invoice.objects.filter(kind=InvoiceKind.INVOICE)
    assert sorted(paid.values_list("pk", "total_amount")) == sorted(
        invoices.values_list("order_id", "amount")
    ), "paid orders and invoices don't match"
    given: dict[str, list[int]] = {}
    for number in Invoice.objects.values_list("number", flat=True):
        series, _hyphen, position = number.rpartition("-")
        given.setdefault(series, []).append(int(position))
    assert {series: sorted(numbers) for series, numbers in given.items()} == {
        counter.series: list(range(FIRST_NUMBER, counter.last_number + 1))
        for counter in InvoiceCounter.objects.all()
    }, "the numbers of invoices have a gap"


def check_credit_notes() -> None:
    """Each refund that gave money back has one credit note over its amount."""
    made = Refund.objects.filter(state=RefundState.SUCCEEDED, amount__gt=0)
    notes = Invoice.objects.filter(kind=InvoiceKind.CREDIT_NOTE)
    assert sorted(made.values_list("pk", "amount")) == sorted(
        notes.values_list("refund_id", "amount")
    ), "refunds and credit notes don't match"


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


def check_shipping() -> None:
    """A paid order with shipping has an address in the country that its shipping was paid for."""
    for order in Order.objects.filter(state=State.PAID).exclude(shipping_rate_name=""):
        assert ShippingAddress.objects.get(order=order).country == order.shipping_country
    assert not Order.objects.exclude(state=State.PAID).filter(shipped_at__isnull=False).exists()


def check_attempt_coupons(local_stripe: LocalStripe) -> None:
    """Stripe has the coupon of an attempt only while its session may be open."""
    made = [each["params"] for each in local_stripe.requests("POST", "/v1/coupons")]
    own = {each["id"] for each in made if each.get("max_redemptions") == "1"}
    there = own & set(local_stripe.coupon_ids())
    kept = set(Payment.objects.exclude(coupon_id="").values_list("coupon_id", flat=True))
    assert there <= kept, "a coupon was forgotten at Stripe"
    ended = Payment.objects.exclude(state__in=PENDING).exclude(stripe_id="")
    assert not ended.exclude(coupon_id="").exists(), "the coupon of an ended attempt is kept"


def check_mails() -> None:
    """There is a mail for everything that was committed, and for nothing else."""
    mails = Mail.objects.exclude(reason=MailReason.LOW_STOCK)
    stored = sorted(mails.values_list("order_id", "reason", "reference"))
    assert stored == sorted(expected_mails()), "mails and what they are about don't match"
    about_stock = Mail.objects.filter(reason=MailReason.LOW_STOCK).values_list("item_id", flat=True)
    sold = Item.objects.exclude(stock=None).filter(order_lines__order__state=State.PAID)
    assert sorted(about_stock) == sorted(sold.distinct().values_list("pk", flat=True))


def expected_mails() -> Iterator[tuple[int, str, str]]:
    """The order, reason and reference of each mail. Every buyer of the scenarios has an address."""
    for order in Order.objects.all():
        if order.state == State.PAID:
            yield order.pk, MailReason.ORDER_CONFIRMED, ""
            yield order.pk, MailReason.NEW_ORDER, ""
        for step in order.history.filter(kind=HistoryKind.SHIPPED):
            yield order.pk, MailReason.SHIPPED, step.at.isoformat()
        for alert in order.alerts.all():
            reason = MailReason.DISPUTE if alert.reason in DISPUTES else MailReason.NEEDS_ATTENTION
            yield order.pk, reason, str(alert.pk)
    processing = {"from_state": PaymentState.OPEN, "to_state": PaymentState.PROCESSING}
    failed = {"from_state": PaymentState.PROCESSING, "to_state": PaymentState.FAILED}
    for payment in Payment.objects.all():
        if payment.history.filter(**processing):
            yield payment.order_id, MailReason.PAYMENT_PROCESSING, payment.stripe_id
        if payment.history.filter(**failed):
            yield payment.order_id, MailReason.PAYMENT_FAILED, payment.stripe_id
        for refund in payment.refunds.filter(state__in=REFUNDED_OR_PENDING).exclude(stripe_id=""):
            yield payment.order_id, MailReason.REFUNDED, refund.stripe_id
