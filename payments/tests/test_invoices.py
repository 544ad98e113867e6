"""Numbers of invoices and credit notes: given with the money, without a gap."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from cart.models import Cause, Discount, HistoryKind, Order
from payments.models import Invoice, InvoiceCounter, Payment, PaymentState, Refund
from payments.settlement import settle
from store.models import Item, Shop
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, paid, paid_cart
from tests.support.presses import new_browser


def numbers() -> list[str]:
    return [*Invoice.objects.values_list("number", flat=True)]


def paid_session(item: Item, local_stripe: LocalStripe) -> str:
    session_id = str(new_browser().get(f"/buy/{item.pk}").json()["id"])
    local_stripe.pay(session_id)
    return session_id


def test_each_paid_order_gets_the_next_number_of_test_mode(
    item: Item, local_stripe: LocalStripe
) -> None:
    Shop.objects.create(pk=1, name="Bell & Mug", postal_address="1 High Street", tax_id="GB123")
    first, second = paid(item, local_stripe), paid(item, local_stripe)
    for payment in (first, second, first):
        look_again(payment)
    assert numbers() == ["TEST-INV-1001", "TEST-INV-1002"]
    Shop.objects.update(name="Another name", postal_address="", tax_id="")
    invoice = Invoice.objects.get(order=first.order)
    assert (invoice.kind, invoice.amount, invoice.refund) == ("invoice", 1999, None)
    assert invoice.seller_name == "Bell & Mug"
    assert (invoice.seller_address, invoice.seller_tax_id) == ("1 High Street", "GB123")


def test_live_sales_have_their_own_series(payment: Payment, item: Item) -> None:
    for _ in range(2):
        order = Order.objects.create(currency="USD", total_amount=500)
        Invoice.objects.issue(order, livemode=True)
    assert numbers() == ["TEST-INV-1001", "INV-1001", "INV-1002"]
    assert [str(each) for each in Invoice.objects.all()] == numbers()


def test_no_invoice_is_dated_before_the_previous_one(item: Item, local_stripe: LocalStripe) -> None:
    """The run of the reconciler that settles the second one may have begun before the first."""
    begun = timezone.now()
    session_id = paid_session(item, local_stripe)
    paid(item, local_stripe)
    settle(Payment.objects.get(stripe_id=session_id), at=begun, cause=Cause(HistoryKind.RECONCILER))
    ahead = timezone.now() + timedelta(minutes=1)  # by the clock of another machine
    InvoiceCounter.objects.update(last_issued_at=ahead)
    paid(item, local_stripe)
    first, second, third = Invoice.objects.order_by("number")
    assert begun < first.issued_at < second.issued_at < third.issued_at == ahead


def test_a_free_order_gets_none(item: Item, local_stripe: LocalStripe) -> None:
    Discount.objects.create(code="ALL", percent=Decimal(100))
    payment = paid_cart({item: 1}, local_stripe, code="ALL")
    assert (payment.amount, numbers()) == (0, [])


def test_a_rollback_takes_the_number_back(item: Item, local_stripe: LocalStripe) -> None:
    session_id = paid_session(item, local_stripe)
    payment = Payment.objects.get(stripe_id=session_id)
    with transaction.atomic():
        look_again(payment)
        assert numbers() == ["TEST-INV-1001"]
        transaction.set_rollback(True)
    assert (numbers(), InvoiceCounter.objects.count()) == ([], 0)
    look_again(Payment.objects.get(stripe_id=session_id))
    assert numbers() == ["TEST-INV-1001"]


def test_a_refund_gets_a_credit_note_when_it_has_succeeded(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    local_stripe.refund(payment.intent_id, 500)
    local_stripe.configure(refunds="pending")
    pending = local_stripe.refund(payment.intent_id, 400)
    for _ in range(2):
        look_again(payment)
    assert numbers() == ["TEST-INV-1001", "TEST-CN-1001"]
    local_stripe.finish_refund(pending, "succeeded")
    for _ in range(2):
        look_again(payment)
    notes = Invoice.objects.filter(kind="credit_note").order_by("pk")
    assert [(note.number, note.amount) for note in notes] == [
        ("TEST-CN-1001", 500),
        ("TEST-CN-1002", 400),
    ]
    assert notes[1].refund == Refund.objects.get(stripe_id=pending)


def test_a_refund_that_fails_later_voids_its_credit_note(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    refund_id = local_stripe.refund(payment.intent_id)
    look_again(payment)
    local_stripe.finish_refund(refund_id, "failed")
    look_again(payment)
    note = Invoice.objects.get(kind="credit_note")
    assert (note.number, bool(note.voided_at)) == ("TEST-CN-1001", True)
    local_stripe.refund(payment.intent_id)
    look_again(payment)
    note = Invoice.objects.get(kind="credit_note", voided_at=None)
    assert (note.number, note.amount) == ("TEST-CN-1002", 1999)


def test_the_refund_of_a_second_payment_gets_none(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    values = {"account": payment.account, "livemode": False, "amount": 1999, "currency": "USD"}
    values |= {"state": PaymentState.SUCCEEDED, "expires_at": payment.expires_at}
    Payment.objects.create(order=payment.order, attempt=2, **values)
    local_stripe.refund(payment.intent_id)
    look_again(payment)
    assert numbers() == ["TEST-INV-1001"]


def test_a_refund_of_an_order_without_an_invoice_gets_none(
    payment: Payment, local_stripe: LocalStripe
) -> None:
    Invoice.objects.all().delete()
    local_stripe.refund(payment.intent_id)
    look_again(payment)
    assert numbers() == []


def test_money_that_pays_no_order_gets_no_invoice(item: Item, local_stripe: LocalStripe) -> None:
    session_id = paid_session(item, local_stripe)
    Payment.objects.update(amount=1)  # as if Stripe had taken another amount
    look_again(Payment.objects.get(stripe_id=session_id))
    assert numbers() == []


def test_an_order_that_is_paid_when_it_is_a_cart_again_gets_none(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(needs_shipping=True)
    session_id = paid_session(item, local_stripe)
    Payment.objects.update(state=PaymentState.EXPIRED)
    Order.objects.update(state="cart", needs_shipping=False)
    order = look_again(Payment.objects.get(stripe_id=session_id))
    assert (order.state, order.needs_shipping) == ("paid", True)
    assert numbers() == []
