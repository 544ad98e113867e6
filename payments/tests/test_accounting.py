"""Invoices and credit notes of a period as a file for the accountant."""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from cart.models import Order, OrderTax, State, Tax
from payments.admin import accounting
from payments.models import Invoice, Payment
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, paid_cart

ADDRESS = "/admin/cart/order/accounting/"
ALL = {"first": "2020-01-01", "last": "2100-01-01"}


def exported(staff: Client, **values: str) -> list[dict[str, str]]:
    answer = staff.get(ADDRESS, {**ALL, "file_format": "csv"} | values)
    assert answer.status_code == 200
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    return [*csv.DictReader(lines)]


@pytest.fixture
def payment(make_item: Any, local_stripe: LocalStripe) -> Payment:
    """A cart with an exclusive and an inclusive tax, of which a part was refunded."""
    Tax.objects.create(display_name="VAT", percentage=Decimal(20))
    Tax.objects.create(display_name="Levy", percentage=Decimal("2.5"), is_inclusive=True)
    payment = paid_cart({make_item(): 2, make_item(price=Decimal(20)): 1}, local_stripe)
    local_stripe.refund(payment.intent_id, 1000)
    look_again(payment)
    return payment


def test_has_a_row_for_each_document_with_its_taxes(admin_client: Client, payment: Payment) -> None:
    invoice, credit_note = exported(admin_client)
    for row in (invoice, credit_note):
        parts = [Decimal(row[name]) for name in ("net", "VAT 20 %", "Levy 2.5 %")]
        assert sum(parts) == Decimal(row["total"])
        assert (row["order"], row["currency"]) == (payment.order.number, "USD")
        assert row["issued"] == str(timezone.localdate())
        assert row["void_since"] == ""
    taxes = {str(tax): tax.amount for tax in payment.order.taxes.all()}
    assert {name: int(Decimal(invoice[name]) * 100) for name in taxes} == taxes
    assert (invoice["number"], invoice["kind"]) == ("TEST-INV-1001", "invoice")
    assert Decimal(invoice["total"]) * 100 == payment.amount
    assert (credit_note["number"], credit_note["total"]) == ("TEST-CN-1001", "-10.00")
    assert Decimal(credit_note["VAT 20 %"]) < 0


def test_a_spreadsheet_has_numbers_and_days(admin_client: Client, payment: Payment) -> None:
    answer = admin_client.get(ADDRESS, {**ALL, "file_format": "xlsx"})
    sheet = load_workbook(BytesIO(answer.getvalue())).worksheets[0]
    names, invoice, _credit_note = sheet.iter_rows(values_only=True)
    row = dict(zip(names, invoice, strict=True))
    assert row["total"] == payment.amount / 100
    assert isinstance(row["issued"], datetime)


def test_a_void_credit_note_counts_nothing(admin_client: Client, payment: Payment) -> None:
    voided_at = datetime(2026, 3, 4, 12, tzinfo=UTC)
    Invoice.objects.exclude(refund=None).update(voided_at=voided_at)
    _invoice, credit_note = exported(admin_client)
    assert (credit_note["total"], credit_note["VAT 20 %"]) == ("0.00", "0.00")
    assert credit_note["void_since"] == "2026-03-04"


def add_invoice(issued_at: datetime, number: str = "INV-1", **tax: Any) -> Invoice:
    order = Order.objects.create(
        currency="EUR", total_amount=1190, state=State.PAID, paid_at=issued_at
    )
    if tax:
        OrderTax.objects.create(order=order, is_inclusive=True, **tax)
    values = {"kind": "invoice", "number": number, "issued_at": issued_at, "amount": 1190}
    return Invoice.objects.create(order=order, **values)


def test_days_begin_in_the_time_zone_of_the_shop(admin_client: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    midnight = datetime(2026, 2, 28, 23, tzinfo=UTC)  # the first of March in Berlin
    add_invoice(midnight, "INV-1")
    add_invoice(midnight - timedelta(seconds=1), "INV-2")
    add_invoice(midnight + timedelta(hours=23, minutes=59), "INV-3")
    add_invoice(midnight + timedelta(days=1), "INV-4")
    found = exported(admin_client, first="2026-03-01", last="2026-03-01")
    assert [(row["number"], row["issued"]) for row in found] == [
        ("INV-1", "2026-03-01"),
        ("INV-3", "2026-03-01"),
    ]


def test_has_columns_for_the_taxes_of_the_period_only(admin_client: Client, db: None) -> None:
    percentages = (Decimal(19), Decimal(7))
    for month, percentage in enumerate(percentages, start=1):
        values = {"display_name": "MwSt", "percentage": percentage, "amount": 190}
        add_invoice(datetime(2026, month, 5, tzinfo=UTC), f"INV-{month}", **values)
    [row] = exported(admin_client, first="2026-01-01", last="2026-01-31")
    assert (row["net"], row["MwSt 19 %"], row["total"]) == ("10.00", "1.90", "11.90")
    assert "MwSt 7 %" not in row


def test_offers_the_last_month(admin_client: Client, db: None) -> None:
    page = admin_client.get(ADDRESS).text
    last = date.today().replace(day=1) - timedelta(days=1)  # noqa: DTZ011  # UTC, as in the tests
    for day in (last.replace(day=1), last):
        assert f'value="{day}"' in page
    assert f'href="{ADDRESS}"' in admin_client.get("/admin/cart/order/").text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"first": "2026-02-01", "last": "2026-01-31"}, "The last day is before the first one"),
        ({"first": "", "last": "2026-01-31"}, "This field is required"),
        ({"first": "0001-01-01", "last": "2026-01-31"}, "greater than or equal to 1970-01-01"),
        ({"first": "2026-01-01", "last": "9999-12-31"}, "less than or equal to 2999-12-31"),
        ({**ALL, "file_format": "xlsx"}, "XLSX files have at most 1 rows. Choose CSV."),
    ],
)
def test_asks_for_a_period(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], message: str
) -> None:
    monkeypatch.setattr(accounting, "MAX_XLSX_ROWS", 1)
    add_invoice(timezone.now(), "INV-1")
    add_invoice(timezone.now(), "INV-2")
    assert message in admin_client.get(ADDRESS, {"file_format": "csv"} | values).text


def test_reads_documents_in_few_statements(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as statements:
            exported(admin_client)
        return len(statements)

    add_invoice(timezone.now(), "INV-0")
    of_one = count()
    for number in range(1, 30):
        add_invoice(timezone.now(), f"INV-{number}")
    assert count() == of_one
    monkeypatch.setattr(accounting, "AT_ONCE", 7)
    assert len(exported(admin_client)) == 30


def test_reads_only_the_documents_of_the_period(admin_client: Client, db: None) -> None:
    add_invoice(timezone.now())
    with CaptureQueriesContext(connection) as statements:
        exported(admin_client)
    reads = [each["sql"] for each in statements if 'FROM "payments_invoice"' in each["sql"]]
    assert reads
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which reads a short table without its indexes
            cursor.execute("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        for sql in reads:
            if "issued_at" in sql.partition("WHERE")[2]:
                cursor.execute(f"{explain} {sql}")
                assert "invoice_issued" in str(cursor.fetchall())


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_documents_of_one_moment_are_all_exported(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, db: None, at_once: int
) -> None:
    monkeypatch.setattr(accounting, "AT_ONCE", at_once)
    now = timezone.now()
    for number, seconds in enumerate([60, 0, 0, 0, 30], start=1):
        add_invoice(now - timedelta(seconds=seconds), f"INV-{number}")
    numbers = [row["number"] for row in exported(admin_client)]
    assert numbers == ["INV-1", "INV-5", "INV-2", "INV-3", "INV-4"]


def test_needs_the_right_to_see_orders(client: Client, db: None) -> None:
    assert client.get(ADDRESS).status_code == 302
    packer = User.objects.create_user("packer", is_staff=True)
    packer.user_permissions.set(Permission.objects.filter(codename="ship_order"))
    client.force_login(packer)
    assert client.get(ADDRESS, ALL).status_code == 403
    assert ADDRESS not in client.get("/admin/cart/order/").text
    packer.user_permissions.set(Permission.objects.filter(codename="view_order"))
    assert client.get(ADDRESS).status_code == 200
