"""What money does to its order: it is on its way, it pays the order, or it alerts staff."""

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Model

from cart.copies import paid_with_same_items, take_paid_lines_out
from cart.holds import SoldOut, reserve_stock, restock, take_redemption
from cart.models import (
    HELD,
    MAX_EMAIL_LENGTH,
    Cause,
    DiscountRefused,
    Order,
    ShippingAddress,
    State,
)
from cart.signals import (
    order_paid,
    order_paid_in_transaction,
    payment_processing,
    payment_processing_in_transaction,
    send_both,
)
from payments.alerts import Alert, raise_alert
from payments.models import (
    MAX_INSTRUCTIONS_URL_LENGTH,
    PENDING,
    Invoice,
    Payment,
    PaymentState,
)
from payments.stripe_api.types import Recipient, StripePayment
from store.money import format_money

logger = logging.getLogger(__name__)


def wait_for_money(
    order: Order, payment: Payment, found: StripePayment, at: datetime, cause: Cause
) -> None:
    """Keep the order of a buyer who has confirmed a delayed payment: its money arrives days later.

    Call it with both rows locked.
    https://docs.stripe.com/payments/payment-methods#payment-notification
    """
    changes = _changed_instructions(payment, found, at)
    if payment.state == PaymentState.OPEN and order.state == State.CHECKOUT:
        returns_stock = bool(found.instructions) and not settings.VOUCHERS_HOLD_STOCK
        changes["returned_stock"] = returns_stock
        payment.step(PaymentState.PROCESSING, at=at, cause=cause, **changes)
        take_out_of_copy(order, at)
        order.step(State.PROCESSING, at=at, cause=cause, **_buyer_fields(order, found))
        if returns_stock:
            restock(order)
        signals = (payment_processing_in_transaction, payment_processing)
        send_both(*signals, order=order, reference=payment.stripe_id)
    elif payment.state == PaymentState.PROCESSING and changes:
        Payment.objects.filter(pk=payment.pk).update(updated_at=at, **changes)


def _changed_instructions(payment: Payment, found: StripePayment, at: datetime) -> dict[str, Any]:
    """The fields that say how and until when to pay a voucher or transfer, if they have changed.

    A bank transfer has no end at Stripe: its time begins when it is first awaited.
    """
    instructions = found.instructions
    url = instructions.url if instructions else ""
    if len(url) > MAX_INSTRUCTIONS_URL_LENGTH:
        url = ""  # no part of an address would open the page
    fields: dict[str, Any] = {"awaits_buyer": bool(instructions), "instructions_url": url}
    if instructions and instructions.expires_at:
        fields["expires_at"] = instructions.expires_at
    changes = {name: value for name, value in fields.items() if value != getattr(payment, name)}
    if instructions and not instructions.expires_at and not payment.awaits_buyer:
        changes["expires_at"] = at + timedelta(days=settings.TRANSFER_DAYS)
    return changes


def take_money(
    order: Order, payment: Payment, found: StripePayment, at: datetime, cause: Cause
) -> None:
    """The money has arrived: mark the order paid, or raise an alert about it.

    Call it with both rows locked. A second call does nothing.
    """
    if payment.state == PaymentState.SUCCEEDED:
        return
    recorded = (payment.amount, payment.currency)
    arrived = {"amount": found.amount, "currency": found.currency}
    payment.step(PaymentState.SUCCEEDED, at=at, cause=cause, intent_id=found.intent_id, **arrived)
    alert = _alert_instead_of_paid(order, payment, recorded)
    if alert is not Alert.PAID_TWICE:
        _keep_recipient(order, payment, found.recipient, at)
    if alert is None:
        _mark_paid(order, payment, found, at, cause)
        return
    if alert is not Alert.PAID_TWICE:  # by the e-mail, staff find the recipient
        Order.objects.filter(pk=order.pk).update(**_buyer_fields(order, found), updated_at=at)
    received = format_money(payment.amount, payment.currency, settings.LANGUAGE_CODE)
    expected = format_money(*recorded, settings.LANGUAGE_CODE)
    names = {"payment": payment.stripe_id, "received": received, "expected": expected}
    raise_alert(order, alert, reference=payment.stripe_id, at=at, **names)


def _alert_instead_of_paid(
    order: Order, payment: Payment, recorded: tuple[int, str]
) -> Alert | None:
    """The reason why money that has arrived doesn't make the order paid, or None if it does."""
    if (payment.amount, payment.currency) != recorded:
        return Alert.PAID_WRONG_AMOUNT
    if order.state == State.PAID:
        return Alert.PAID_TWICE
    if order.state == State.CART:
        return None
    is_being_paid = order.payments.filter(state__in=PENDING).exclude(pk=payment.pk).exists()
    if is_being_paid or payment.amount != order.total_amount:
        return Alert.PAID_BY_EARLIER_ATTEMPT
    return None


def _keep_recipient(
    order: Order, payment: Payment, recipient: Recipient | None, at: datetime
) -> None:
    """Store where the order is sent; raise an alert unless that is the country it was paid for.

    The country that was frozen doesn't bind the buyer: a browser writes the address of an intent.
    """
    arrived = ""
    if recipient and (order.needs_shipping or not order.frozen_at):
        fields = _fitting(ShippingAddress, **asdict(recipient))
        ShippingAddress.objects.update_or_create(fields, order=order)
        arrived = fields["country"] or "?"
    if order.shipping_country in ("", arrived):
        return
    alert = Alert.SHIPPING_COUNTRY_DIFFERS if recipient else Alert.SHIPPING_ADDRESS_MISSING
    names = {"payment": payment.stripe_id, "expected": order.shipping_country, "arrived": arrived}
    raise_alert(order, alert, reference=payment.stripe_id, at=at, **names)


def _buyer_fields(order: Order, found: StripePayment) -> dict[str, str]:
    """What Stripe says about the buyer, or what it said before."""
    email, name = found.email or order.email, found.buyer_name or order.buyer_name
    if len(email) > MAX_EMAIL_LENGTH:
        email = ""  # a part of it would be the address of somebody else
    return _fitting(Order, email=email, buyer_name=name)


def _fitting(model: type[Model], **texts: str) -> dict[str, str]:
    """Cut texts to the lengths of their columns: an order must be paid with any text."""
    lengths = {field.name: field.max_length for field in model._meta.concrete_fields}
    return {name: text[: lengths[name]] for name, text in texts.items()}


def _mark_paid(
    order: Order, payment: Payment, found: StripePayment, at: datetime, cause: Cause
) -> None:
    """Make the order paid, even if its hold has ended or it has become a cart again."""
    changes: dict[str, Any] = _buyer_fields(order, found)
    if was_cart := order.state == State.CART:
        # The buyer may have changed the cart since this attempt ended, so staff must compare.
        alert, reference = Alert.PAID_WHILE_CART, payment.stripe_id
        raise_alert(order, alert, reference=reference, at=at, payment=reference)
        changes |= _fields_of_paid_cart(order, payment, at)
    was_on_its_way = order.state == State.PROCESSING
    if not was_on_its_way:
        take_out_of_copy(order, at)  # before the stock: Buy too locks orders before items
    if order.state not in HELD or payment.returned_stock:
        _take_late(order, payment, at)
    order.step(State.PAID, at=at, cause=cause, **changes)
    if not was_cart:  # nobody knows its discount, shipping and taxes any more
        Invoice.objects.issue(order, livemode=payment.livemode)
    logger.info("order %s: paid", order)
    send_both(order_paid_in_transaction, order_paid, order=order)


def take_out_of_copy(order: Order, at: datetime) -> None:
    """Take what was just paid out of the copy with which the buyer goes on.

    Raise an alert if the same items were paid with another order too. Call it with the order's row
    locked.
    """
    if order.superseded_at is None and order.copied_from_id is None:
        return
    if order.superseded_at:
        take_paid_lines_out(order, at=at)
    if other := paid_with_same_items(order):
        alert = Alert.PAID_WITH_COPY
        raise_alert(order, alert, reference=other.number, at=at, other=other.number)


def _fields_of_paid_cart(order: Order, payment: Payment, at: datetime) -> dict[str, Any]:
    """What is stored of an order that is paid while it is a cart, where nothing is frozen."""
    lines = order.lines.select_related("item")
    subtotal = sum(line.subtotal_amount for line in lines)
    return {
        "needs_shipping": any(line.item.needs_shipping for line in lines),
        "subtotal_amount": max(payment.amount, subtotal),
        "total_amount": payment.amount,
        "frozen_at": at,
    }


def _take_late(order: Order, payment: Payment, at: datetime) -> None:
    """Take the stock that the order doesn't hold; raise an alert about what is missing.

    A voucher may hold the redemption, but no stock (VOUCHERS_HOLD_STOCK).
    """
    missing = []
    for line in order.lines.filter(held_quantity=0).order_by("item_id"):
        try:
            reserve_stock(line)
        except SoldOut as error:
            missing.append(str(error))
        else:
            line.save(update_fields=["held_quantity"])
    reference = payment.stripe_id
    if missing:
        alert, names = Alert.SOLD_OUT_WHEN_PAID, ", ".join(missing)
        raise_alert(order, alert, reference=reference, at=at, item=names)
    if order.state in HELD:
        return
    try:
        take_redemption(order)
    except DiscountRefused:
        alert = Alert.CODE_USED_UP_WHEN_PAID
        raise_alert(order, alert, reference=reference, at=at)
