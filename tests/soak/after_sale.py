"""Compares what follows a sale, with Stripe and in itself: address, coupon, invoice and mails."""

from collections import Counter
from collections.abc import Iterator

from tests.soak.ledger import PAID_TOO_OFTEN, Row, details, own_intents
from tests.support.clusters import Cluster
from tests.support.smtp import MailServer

FIRST_NUMBER = 1001
# The buyer entered an address in another country. Staff are told.
OTHER_COUNTRY = "shipping_country_differs"
TO_BUYER, TO_STAFF = "order_confirmed", "new_order"


def wrong_after_sale(
    cluster: Cluster, shop: Row, mail_server: MailServer, *, kills: int
) -> list[str]:
    """What differs. Call it when all mails are sent; the worker was killed so often meanwhile."""
    orders = shop["orders"]
    arrived = Counter(str(mail["Message-ID"]) for mail in mail_server.received)
    return [
        *wrong_shipping(cluster, orders),
        *forgotten_coupons(cluster, orders),
        *(problem + details(order) for order in orders for problem in wrong_documents(order)),
        *wrong_numbers(orders, shop["counters"]),
        *wrong_mails(orders, shop["mails"], arrived, kills),
    ]


def wrong_shipping(cluster: Cluster, orders: list[Row]) -> Iterator[str]:
    """An order that was paid once has Stripe's figures and country. A payment here has no lines."""
    at_stripe = {each["id"]: each for each in cluster.local_stripe.all_sessions()}
    at_stripe |= {each["id"]: each for each in own_intents(cluster)}
    for order in orders:
        paid = [each["id"] for each in order["payments"] if each["state"] == "succeeded"]
        if order["state"] != "paid" or len(paid) != 1 or PAID_TOO_OFTEN & set(order["alerts"]):
            continue
        [theirs] = (at_stripe[each] for each in paid)
        if "amount_subtotal" in theirs:
            subtotal, discount = (
                theirs["amount_subtotal"],
                theirs["total_details"]["amount_discount"],
            )
            if subtotal != order["subtotal"] + order["shipping"] or discount != order["discount"]:
                yield f"Stripe's subtotal is {subtotal}, its discount {discount}" + details(order)
        if not order["shipping_country"]:
            continue
        country = country_of(theirs)
        if order["address"] != country:
            yield f"it is sent to {order['address']}, at Stripe to {country}" + details(order)
        if (country != order["shipping_country"]) != (OTHER_COUNTRY in order["alerts"]):
            yield f"staff know nothing of the country {country}, or too much" + details(order)


def country_of(payment: Row) -> str | None:
    """The country of the address that Stripe has of a session or an intent."""
    collected = payment.get("collected_information") or {}
    found = collected.get("shipping_details") or payment.get("shipping") or {}
    return (found.get("address") or {}).get("country")


def forgotten_coupons(cluster: Cluster, orders: list[Row]) -> Iterator[str]:
    """The coupon that only one attempt of an order can use is deleted: its id begins so."""
    numbers = {order["number"] for order in orders}
    for account in {each["account"] for each in cluster.local_stripe.all_sessions()}:
        for coupon in cluster.local_stripe.coupon_ids(f"sk_test_{account}"):
            if coupon.rpartition("-")[0] in numbers:
                yield f"coupon {coupon} was not deleted"


def wrong_documents(order: Row) -> Iterator[str]:
    """Each paid order has one invoice, and credit notes over what was given back."""
    is_paid = order["state"] == "paid"
    was_cart = "paid_while_cart" in order["alerts"]  # its amounts aren't known
    expected = [order["total"]] if is_paid and order["total"] and not was_cart else []
    if [amount for _number, amount in order["invoices"]] != expected:
        yield f"invoices over {order['invoices']}"
    credited = sum(amount for _number, amount, is_void in order["credit_notes"] if not is_void)
    was_paid_once = sum(each["state"] == "succeeded" for each in order["payments"]) == 1
    if is_paid and was_paid_once and not was_cart and credited != order["refunded"]:
        yield f"credit notes over {credited}"


def wrong_numbers(orders: list[Row], counters: dict[str, int]) -> list[str]:
    """Where a number is missing, was given twice, or isn't in a series."""
    given: dict[str, list[int]] = {series: [] for series in counters}
    for order in orders:
        for number, *_ in (*order["invoices"], *order["credit_notes"]):
            series, _hyphen, position = number.rpartition("-")
            given.setdefault(series, []).append(int(position))
    return [
        f"the numbers of {series} are {sorted(numbers)}, the last one is {counters.get(series)}"
        for series, numbers in given.items()
        if sorted(numbers) != list(range(FIRST_NUMBER, counters.get(series, 0) + 1))
    ]


def wrong_mails(
    orders: list[Row], mails: list[list[str]], arrived: Counter[str], kills: int
) -> Iterator[str]:
    """All mails have arrived once. Only those in flight at a kill came twice."""
    written = Counter((number, reason) for _id, number, reason, _state in mails)
    for order in orders:
        for reason in (TO_BUYER, TO_STAFF):
            if written[order["number"], reason] != (order["state"] == "paid"):
                yield f"mails: {written[order['number'], reason]} × {reason}" + details(order)
    left = Counter(state for *_, state in mails if state not in ("sent", "dropped"))
    if left:
        yield f"mails that were not sent: {left}"
    sent = {id_ for id_, *_, state in mails if state == "sent"}
    if sent != set(arrived):
        yield f"{len(sent)} mails were sent, {len(arrived)} have arrived"
    twice = {id_: times for id_, times in arrived.items() if times > 1}
    if len(twice) > kills or any(times > 2 for times in twice.values()):
        yield f"mails came more than once: {twice}"
