"""Invoices and credit notes as staff print them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from cart.models import Discount, Order, OrderTax, Tax
from payments.admin.documents import InvoiceDocument, OrderDocuments
from payments.models import Invoice, InvoiceKind, Payment
from store.models import Item, Shop
from store.money import charge_step
from tests.support.answers import page_of
from tests.support.invoices import invoices_of
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, paid_cart
from tests.support.shown_totals import shown_totals


@pytest.fixture
def payment(make_item: Any, local_stripe: LocalStripe) -> Payment:
    """A cart of two items with a discount, an exclusive and an inclusive tax."""
    address = "1 High Street\nLondon"
    Shop.objects.create(pk=1, name="Bell & Mug", postal_address=address, tax_id="GB123")
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    Tax.objects.create(display_name="Levy", percentage=Decimal("2.5"), is_inclusive=True)
    Discount.objects.create(code="TEN", percent=Decimal(10))
    items = {make_item(): 2, make_item(name="Pot", price=Decimal(20)): 1}
    return paid_cart(items, local_stripe, code="TEN")


def amount(page: str, name: str) -> int:
    return int(page.split(f'<dd class="{name}" data-amount="')[1].split('"')[0])


def test_an_invoice_has_the_amounts_of_the_receipt(admin_client: Client, payment: Payment) -> None:
    [invoice] = invoices_of(admin_client, payment.order)
    receipt = page_of(admin_client, payment.order.get_absolute_url())
    shown = shown_totals(invoice)
    assert shown == shown_totals(receipt)
    [total] = shown["total"]
    assert total == payment.amount
    assert amount(invoice, "net") + sum(shown["tax"]) == total
    for text in ("TEST-INV-1001", "Bell &amp; Mug", "1 High Street<br>London", "Tax ID: GB123"):
        assert text in invoice
    for text in (payment.order.number, "2", "Mug", "Pot", "TEN", "VAT 20 %", "(included)"):
        assert text in invoice


def test_refunds_are_credit_notes_with_their_numbers(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    local_stripe.refund(payment.intent_id, 1000)
    look_again(payment)
    local_stripe.refund(payment.intent_id)
    order = look_again(payment)
    invoice, *notes = invoices_of(admin_client, order)
    assert ["TEST-CN-1001" in note for note in notes] == [True, False]
    for number in ("Credit note TEST-CN-1001", "Credit note TEST-CN-1002"):
        assert number in invoice
    assert [shown_totals(note)["total"] for note in notes] == [[1000], [payment.amount - 1000]]
    assert all("For invoice" in note and "TEST-INV-1001" in note for note in notes)
    taxes = [shown_totals(page)["tax"] for page in (invoice, *notes)]
    assert taxes[0] == [sum(pair) for pair in zip(*taxes[1:], strict=True)]


def test_a_void_credit_note_says_so(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    refund_id = local_stripe.refund(payment.intent_id, 1000)
    look_again(payment)
    local_stripe.finish_refund(refund_id, "failed")
    order = look_again(payment)
    invoice, note = invoices_of(admin_client, order)
    assert "Void since" in note
    assert "Credit note" not in invoice


def test_documents_are_in_the_language_of_the_order(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    local_stripe.refund(payment.intent_id, 1000)
    look_again(payment)
    Order.objects.update(language="ru")
    invoice, note = invoices_of(admin_client, payment.order)
    assert "Счёт" in invoice
    assert "<dt>Номер</dt>" in invoice
    assert "Возвращено" in note
    assert 'lang="ru"' in invoice


def test_an_order_without_an_invoice_says_so(admin_client: Client, db: None) -> None:
    order = Order.objects.create(currency="USD")
    page = page_of(admin_client, f"/admin/cart/order/print/?orders={order.pk}&document=invoices")
    assert f"Order {order.number} has no invoice" in page


def test_many_invoices_take_as_many_queries_as_one(
    admin_client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    orders = [paid_cart({item: 1}, local_stripe).order for _ in range(3)]

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(invoices_of(admin_client, *orders[:count])) == count
        return len(captured)

    queries(1)
    assert queries(1) == queries(3)


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


@given(
    total=st.integers(1, 99_999_999),
    percent=st.integers(0, 100),
    parts=st.lists(st.integers(1, 1000), min_size=1, max_size=5),
    currency=st.sampled_from(["USD", "ISK", "KWD"]),
)
@example(total=1, percent=1, parts=[1, 1], currency="ISK")
def test_the_taxes_of_all_credit_notes_are_those_of_the_invoice(
    total: int, percent: int, parts: list[int], currency: str
) -> None:
    step = charge_step(currency)
    total *= step
    tax_amount = total * percent // 100  # an inclusive tax need not be a multiple of the step
    order = Order(pk=1, currency=currency, total_amount=total)
    taxes = [OrderTax(amount=tax_amount, percentage=Decimal(percent))]
    order._prefetched_objects_cache = {"taxes": taxes}  # type: ignore[attr-defined]
    amounts = [total * part // sum(parts) // step * step for part in parts]
    amounts[-1] += total - sum(amounts)
    # The first refund fails before the last one is made, and is then made again.
    notes = [
        Invoice(kind=InvoiceKind.CREDIT_NOTE, order=order, amount=amount, issued_at=day(number))
        for number, amount in enumerate([*amounts, amounts[0]])
    ]
    notes[0].voided_at = day(len(amounts) - 1)
    order._prefetched_objects_cache["invoices"] = notes  # type: ignore[attr-defined]
    documents = OrderDocuments(order).invoices
    for document in documents:
        assert document.net_amount + document.taxes[0].amount == document.invoice.amount
    shares = [document.taxes[0].amount for document in documents[1:]]
    assert sum(shares) == tax_amount
    assert min(shares) >= 0
    # The last one with an amount has all that is left, even if notes without an amount follow.
    with_amount = [share for share, note in zip(shares, notes[1:], strict=True) if note.amount]
    assert sum(with_amount) == tax_amount
    assert all(share % step == 0 for share in with_amount[:-1])
    whole = Invoice(kind=InvoiceKind.INVOICE, order=order, amount=total, issued_at=timezone.now())
    assert InvoiceDocument(whole).taxes[0].amount == tax_amount
