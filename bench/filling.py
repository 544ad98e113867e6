"""Fill the shop's database quickly, to see how it works when it is large.

    manage.py shell -c "from bench.filling import fill_items; fill_items(1_000_000)"

Samples are made with the shop's models. Then one statement for each table copies them, and adds a
multiple of the distance between two copies to every key.
"""

from datetime import datetime, timedelta

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import DateTimeField, Field, ForeignKey, Max, Model, UUIDField
from django.utils import timezone

from cart.models import (
    HistoryKind,
    LineTax,
    Order,
    OrderAlert,
    OrderLine,
    OrderStep,
    OrderTax,
    ShippingAddress,
    State,
    new_token,
)
from cart.models.order import NUMBER_ALPHABET
from notifications.models import Mail, MailReason, MailState
from payments.models import (
    Invoice,
    InvoiceKind,
    Payment,
    PaymentState,
    PaymentStep,
    ReceivedEvent,
    Refund,
    RefundState,
)
from store import search_index
from store.models import Item

# Each table is after those that it refers to.
ORDER_TABLES: list[type[Model]] = [
    *(Order, OrderLine, OrderTax, LineTax, OrderStep, OrderAlert, ShippingAddress),
    *(Payment, PaymentStep, Refund, Invoice, Mail, ReceivedEvent),
]
# Each copy has another text in these fields.
DISTINCT = {
    *("visitor", "email", "to", "buyer_name", "stripe_id", "intent_id"),
    *("event_id", "object_id", "message_id"),
}
PRIME = 54_999_999_937  # so that two keys never get the same number
# Three of them make the additional word of a copied item, one of 8,000.
SYLLABLES = "bebibobudedidodukekikokunaneninuzazezizo"

FINISHED = [State.PAID] * 20
LATEST = [
    *[State.CART] * 14,
    *(State.CANCELLED, State.CANCELLED, State.CHECKOUT, State.PROCESSING, State.PAID, State.PAID),
]
# Which orders there are, how many of them, and over how much time.
ORDERS = [(FINISHED, 0.9, timedelta(days=2 * 365)), (LATEST, 0.1, timedelta(days=10))]
PAYMENT_STATES = {
    State.CHECKOUT: PaymentState.OPEN,
    State.PROCESSING: PaymentState.PROCESSING,
    State.PAID: PaymentState.SUCCEEDED,
    State.CANCELLED: PaymentState.EXPIRED,
}


def fill_items(count: int) -> None:
    """Bring the catalogue to about `count` items: copies, each with one more word in its name."""
    copies = count // Item.objects.count() - 1
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # quicker than to add row after row to them
            for column in search_index.COLUMNS:
                cursor.execute(f"DROP INDEX store_item_{column}")
    _copy({Item: Item.objects.earliest("pk").pk}, copies, over=timedelta())
    search_index.prepare()


def fill_orders(count: int) -> None:
    """Add about `count` orders with lines, payments, invoices, mails and events.

    Nine of ten were paid long ago. The others are carts, and orders that staff must deal with.
    """
    for states, share, over in ORDERS:
        first_keys = {model: _last_key(model) + 1 for model in ORDER_TABLES}
        for place, state in enumerate(states):
            _add_order(place, state, timezone.now() - over, is_finished=states is FINISHED)
        _copy(first_keys, round(count * share) // len(states) - 1, over=over)


def _last_key(model: type[Model]) -> int:
    return model._default_manager.aggregate(last=Max("pk"))["last"] or 0


def _copy(first_keys: dict[type[Model], int], copies: int, *, over: timedelta) -> None:
    """Copy the rows from these keys on, and spread the times of the copies over `over`."""
    if copies < 1:
        return
    distance = max(_last_key(model) - first + 1 for model, first in first_keys.items())
    seconds = round(over.total_seconds() / copies)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
        for model, first in first_keys.items():
            cursor.execute(_statement(model, first, copies, distance, seconds))
        for statement in connection.ops.sequence_reset_sql(no_style(), [*first_keys]):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            # As autovacuum does; a shop on SQLite has no statistics. Without names, it would lock
            # tables that all databases of the server share.
            cursor.execute(f"ANALYZE {', '.join(connection.introspection.django_table_names())}")


def _statement(model: type[Model], first: int, copies: int, distance: int, seconds: int) -> str:
    table, fields = model._meta.db_table, model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_copied(field, distance, seconds) for field in fields)
    return f"""
        WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {copies})
        INSERT INTO {table} ({columns})
        SELECT {values} FROM copies CROSS JOIN {table} WHERE id >= {first} ORDER BY n, id
    """  # noqa: S608  # no input from outside


def _copied(field: Field, distance: int, seconds: int) -> str:
    """The value of a field in copy `n`."""
    column, is_sqlite = f'"{field.column}"', connection.vendor == "sqlite"
    is_key = field.primary_key or isinstance(field, ForeignKey)
    if is_key and (field.primary_key or field.related_model in ORDER_TABLES):
        return f"{column} + n * {distance}"
    if isinstance(field, DateTimeField):
        if is_sqlite:
            return f"datetime({column}, (n * {seconds}) || ' seconds')"
        return f"{column} + n * interval '{seconds} seconds'"
    if isinstance(field, UUIDField):
        return "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()"
    if field.name == "number" and field.model is Order:
        return _number(f"(id + n * {distance})")
    if field.model is Item and field.name in ("name", *search_index.COLUMNS):
        return f"{column} || ' ' || {_word(f'(id + n * {distance})')}"
    if field.name == "token":
        return f"substr({column}, 1, 24) || (10000000 + n)"  # as long as each token is
    if field.name in DISTINCT or field.name == "number":
        return f"CASE WHEN {column} = '' THEN '' ELSE {column} || '-' || n END"
    return column


def _number(key: str) -> str:
    """An order's number, like 7K3F-9QXM, from its key."""
    base = len(NUMBER_ALPHABET)
    letters = [
        f"substr('{NUMBER_ALPHABET}', CAST({key} * {PRIME} / {base**n} % {base} AS integer) + 1, 1)"
        for n in range(8)
    ]
    return " || ".join([*letters[:4], "'-'", *letters[4:]])


def _word(key: str) -> str:
    count = len(SYLLABLES) // 2
    parts = [f"CAST({key} / {count**n} % {count} * 2 + 1 AS integer)" for n in range(3)]
    return " || ".join(f"substr('{SYLLABLES}', {part}, 2)" for part in parts)


def _add_order(place: int, state: State, at: datetime, *, is_finished: bool) -> None:
    """Add an order with two lines. The first finished one was refunded, the others shipped."""
    is_paid, is_refunded = state == State.PAID, is_finished and place == 0
    order = Order.objects.create(
        state=state,
        currency="USD",
        visitor=new_token(),
        email="anna@shop.example" if is_paid else "",
        buyer_name="Anna Example" if is_paid else "",
        subtotal_amount=3000,
        total_amount=3600,
        refunded_amount=3600 if is_refunded else 0,
        needs_shipping=True,
        frozen_at=None if state == State.CART else at,
        paid_at=at if is_paid else None,
        shipped_at=at if is_finished and not is_refunded else None,
    )
    Order.objects.filter(pk=order.pk).update(created_at=at, updated_at=at)
    tax = order.taxes.create(display_name="VAT", percentage=20, is_inclusive=False, amount=600)
    items = Item.objects.filter(currency="USD").order_by("pk")
    count = items.count()
    for share in (place / len(LATEST), (place + 0.5) / len(LATEST)):
        item = items[int(share * count)]  # from all parts of the catalogue
        line = order.lines.create(item=item, quantity=1, name=item.name, unit_amount=1500)
        line.taxes.create(tax=tax, amount=300)
    if state != State.CART:
        payment = _add_payment(order, at)
        if is_refunded:
            payment.refunds.create(amount=3600, state=RefundState.SUCCEEDED, stripe_id="re_filling")
    if is_paid:
        _add_what_follows(order, at)
        if place == len(LATEST) - 1 and not is_finished:
            order.alerts.create(reason="paid_twice", message="Refund a payment.", raised_at=at)


def _add_payment(order: Order, at: datetime) -> Payment:
    name, state = f"filling_{order.pk}", PAYMENT_STATES[State(order.state)]
    payment = Payment.objects.create(
        order=order,
        account="default",
        livemode=False,
        stripe_id=f"cs_test_{name}",
        intent_id=f"pi_{name}" if state == PaymentState.SUCCEEDED else "",
        amount=order.total_amount,
        refunded_amount=order.refunded_amount,
        currency=order.currency,
        state=state,
        expires_at=at + timedelta(minutes=31),
    )
    Payment.objects.filter(pk=payment.pk).update(created_at=at, updated_at=at)
    buy = {"at": at, "kind": HistoryKind.BUY}
    order.history.create(from_state=State.CART, to_state=State.CHECKOUT, **buy)
    if state != PaymentState.OPEN:
        event = {"at": at, "kind": HistoryKind.EVENT, "reference": f"evt_{name}"}
        order.history.create(from_state=State.CHECKOUT, to_state=order.state, **event)
        payment.history.create(from_state=PaymentState.OPEN, to_state=state, **event)
        ReceivedEvent.objects.create(
            account="default",
            livemode=False,
            event_id=f"evt_{name}",
            type="checkout.session.completed",
            object_id=payment.stripe_id,
            received_at=at,
        )
    return payment


def _add_what_follows(order: Order, at: datetime) -> None:
    """Add what a paid order has besides: an address, an invoice and two mails."""
    ShippingAddress.objects.create(
        order=order, name=order.buyer_name, line1="1 High Street", city="London", country="GB"
    )
    Invoice.objects.create(
        order=order,
        kind=InvoiceKind.INVOICE,
        number=f"INV-F{order.pk}",
        issued_at=at,
        amount=order.total_amount,
        seller_name="Filling",
    )
    mail = {"state": MailState.SENT, "created_at": at, "next_try_at": at, "sent_at": at}
    order.mails.create(reason=MailReason.ORDER_CONFIRMED, to=order.email, **mail)
    order.mails.create(reason=MailReason.NEW_ORDER, **mail)
