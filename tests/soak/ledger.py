"""Compares the payments and refunds of Stripe with the shop's rows, one by one and in sum."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from tests.soak.catalogue import Catalogue
from tests.support.clusters import Cluster

type Row = dict[str, Any]

HELD = ("checkout", "processing")
# A payment after the end of its hold may find no stock or no redemption. Staff are told.
NO_STOCK = "sold_out_when_paid"
NO_REDEMPTION = "code_used_up_when_paid"
PAID_WITH_COPY = "paid_with_copy"
PAID_TOO_OFTEN = {"paid_twice", "paid_while_cart", "paid_by_earlier_attempt"}
GIVEN_BACK = ("succeeded", "pending")


@dataclass(frozen=True)
class Wanted:
    """What one buyer put into the cart: pieces by item, at most."""

    session_key: str
    pieces: Counter[int]


def violations(
    cluster: Cluster, shop: Row, catalogue: Catalogue, wanted: list[Wanted]
) -> list[str]:
    """What differs. Call it when nothing is in progress any more."""
    taken, given_back = stripe_took(cluster), stripe_gave_back(cluster)
    orders = shop["orders"]
    limited = {item for item, (_currency, stock) in catalogue.items.items() if stock is not None}
    return [
        *unknown_money(orders, taken),
        *(
            problem + details(order)
            for order in orders
            for problem in wrong_order(order, taken, limited)
        ),
        *wrong_refunds(orders, taken, given_back),
        *wrong_sums(orders, taken, given_back),
        *wrong_stock(orders, shop["stock"], catalogue),
        *wrong_redemptions(orders, shop["redeemed"]),
        *paid_pieces_twice(orders, shop["visitors"], wanted),
    ]


def books_of(cluster: Cluster, *, after: str) -> Row:
    """The shop's own books, after running this code in its shell, which takes long to start."""
    shown = cluster.run_python(f"{after}\nfrom tests.soak.rows import printed; printed()")
    books: Row = json.loads(shown.splitlines()[-1])
    return books


def stripe_took(cluster: Cluster) -> dict[str, Row]:
    """Amount, currency and intent of every payment, by the id of its session or own intent."""
    taken = {}
    inside = set()
    for each in cluster.local_stripe.all_sessions():
        inside.add(each["payment_intent"])
        if each["status"] == "complete":
            taken[each["id"]] = {
                "amount": each["amount_total"],
                "currency": each["currency"].upper(),
                "intent": each["payment_intent"],
            }
    for each in own_intents(cluster):
        if each["status"] == "succeeded" and each["id"] not in inside:
            taken[each["id"]] = {
                "amount": each["amount_received"],
                "currency": each["currency"].upper(),
                "intent": each["id"],
            }
    return taken


def own_intents(cluster: Cluster) -> list[Row]:
    answer = cluster.local_stripe.http.get("/_sandbox/payment_intents")
    found: list[Row] = answer.json()["payment_intents"] if answer.status_code == 200 else []
    return found


def stripe_gave_back(cluster: Cluster) -> Counter[str]:
    """By intent."""
    refunds = cluster.local_stripe.http.get("/_sandbox/refunds").json()["refunds"]
    sums: Counter[str] = Counter()
    for refund in refunds:
        if refund["status"] in GIVEN_BACK:
            sums[refund["payment_intent"]] += refund["amount"]
    return sums


def unknown_money(orders: list[Row], taken: dict[str, Row]) -> list[str]:
    known = Counter(p["id"] for o in orders for p in o["payments"] if p["state"] == "succeeded")
    return [
        *(f"Stripe took {id_}, the shop knows nothing of it" for id_ in taken.keys() - known),
        *(f"the shop says {id_} is paid, Stripe does not" for id_ in known.keys() - taken),
        *(f"{id_} is paid {times} times" for id_, times in known.items() if times > 1),
    ]


def wrong_order(order: Row, taken: dict[str, Row], limited: set[int]) -> list[str]:
    states = Counter(payment["state"] for payment in order["payments"])
    paid, is_short = states["succeeded"], NO_STOCK in order["alerts"]
    is_paid = order["state"] == "paid"
    problems = {
        "money, but neither paid nor for staff": paid and not (is_paid or order["attention"]),
        "paid without money": is_paid and not paid,
        "paid twice, and staff know nothing": paid > 1 and not order["attention"],
        "a payment is open": states["open"] or states["processing"],
        "waits with its hold overdue": order["state"] in HELD,
        "it holds what was not paid": not is_paid
        and any(held for _item, _n, held, _back in order["lines"]),
        "an amount is not Stripe's": any(
            (payment["amount"], payment["currency"])
            != (taken[payment["id"]]["amount"], taken[payment["id"]]["currency"])
            for payment in order["payments"]
            if payment["state"] == "succeeded" and payment["id"] in taken
        ),
        "paid, and not all of it is taken from the stock": is_paid
        and not is_short
        and any(
            item in limited and held + restocked != quantity
            for item, quantity, held, restocked in order["lines"]
        ),
    }
    return [problem for problem, is_wrong in problems.items() if is_wrong]


def wrong_refunds(orders: list[Row], taken: dict[str, Row], given_back: Counter[str]) -> list[str]:
    return [
        f"{payment['id']}: {payment['refunded']} went back, not Stripe's" + details(order)
        for order in orders
        for payment in order["payments"]
        if payment["id"] in taken
        and payment["refunded"] != given_back[taken[payment["id"]]["intent"]]
    ]


def wrong_sums(orders: list[Row], taken: dict[str, Row], given_back: Counter[str]) -> list[str]:
    at_stripe: Counter[str] = Counter()
    for each in taken.values():
        at_stripe[each["currency"]] += each["amount"] - given_back[each["intent"]]
    here: Counter[str] = Counter()
    for payment in (p for o in orders for p in o["payments"] if p["state"] == "succeeded"):
        here[payment["currency"]] += payment["amount"] - payment["refunded"]
    return [] if at_stripe == here else [f"Stripe has {at_stripe}, the shop says {here}"]


def wrong_stock(orders: list[Row], stock: dict[str, int | None], catalogue: Catalogue) -> list[str]:
    held: Counter[int] = Counter()
    for order in orders:
        for item, _quantity, quantity_held, _restocked in order["lines"]:
            held[item] += quantity_held
    return [
        f"item {item}: {stock[str(item)]} left and {held[item]} sold of {at_first}"
        for item, (_currency, at_first) in catalogue.items.items()
        if at_first is not None and (stock[str(item)] or 0) + held[item] != at_first
    ]


def paid_pieces_twice(
    orders: list[Row], visitors: dict[str, str], wanted: list[Wanted]
) -> list[str]:
    """Buyers who paid more pieces than they put into the cart.

    An alert excuses a payment that the buyer made twice at Stripe, but not one for a copy whose
    original was paid too: Buy ends or settles the original first.
    """
    paid: dict[str, Counter[int]] = defaultdict(Counter)
    alerted = set()
    for order in orders:
        if order["state"] == "paid" and not order["is_one_click"]:
            paid[order["visitor"]].update({item: n for item, n, *_ in order["lines"]})
        if PAID_TOO_OFTEN & set(order["alerts"]):
            alerted.add(order["visitor"])
    # A buyer without a session key got no answer to any press, and has no cart.
    unknown = [each for each in wanted if each.session_key and each.session_key not in visitors]
    copies = [order for order in orders if PAID_WITH_COPY in order["alerts"]]
    return [
        *(f"no session of a buyer who wanted {each.pieces}" for each in unknown),
        *(
            f"pieces were paid twice, with a copy{of_visitor(orders, each['visitor'])}"
            for each in copies
        ),
    ] + [
        f"a buyer paid {paid[visitor]} and wanted {each.pieces}{of_visitor(orders, visitor)}"
        for each in wanted
        if (visitor := visitors.get(each.session_key, "")) not in alerted
        and paid[visitor] - each.pieces
    ]


def wrong_redemptions(orders: list[Row], redeemed: dict[str, int]) -> list[str]:
    used = Counter(
        order["code"]
        for order in orders
        if order["state"] in (*HELD, "paid") and NO_REDEMPTION not in order["alerts"]
    )
    return [
        f"code {code}: {times} redemptions counted, {used[code]} orders have it"
        for code, times in redeemed.items()
        if times != used[code]
    ]


def of_visitor(orders: list[Row], visitor: str) -> str:
    return "".join(details(each) for each in orders if each["visitor"] == visitor)


def details(order: Row) -> str:
    """The whole order, to find the reason."""
    return f" (order {order['number']})\n" + json.dumps(order, indent=2)
