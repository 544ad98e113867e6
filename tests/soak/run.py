"""A soak: random purchases while calls fail and processes are killed, then a comparison of rows."""

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

import httpx

from tests.soak.after_sale import wrong_after_sale
from tests.soak.buyers import Buyer
from tests.soak.catalogue import Catalogue, create_catalogue
from tests.soak.faults import Faults, failing
from tests.soak.ledger import Row, Wanted, books_of, violations
from tests.soak.mails import LET_PAUSES_PASS, SEND_THE_REST, deliver
from tests.soak.scenarios import shop_and_pay
from tests.support import field_report
from tests.support.buyers import transport
from tests.support.clusters import Cluster
from tests.support.smtp import MailServer

AT_ONCE = 24
TWO_DAYS = 2 * 24 * 60 * 60
# The reconciler is given a time a day from now, at which every hold is overdue.
RECONCILE = """
import json
from datetime import timedelta
from django.utils import timezone
from payments.reconcile import reconcile
*_, summary = reconcile(older_than=timedelta(0), at=timezone.now() + timedelta(hours=25))
print(json.dumps([summary.looked_at, summary.failed]))
"""
ROUNDS = 5
PURCHASES_PER_KILL = 500  # of the worker that sends the mails


@dataclass(frozen=True)
class Soaked:
    """What a soak found wrong, and what it did."""

    wrong: list[str]
    summary: str


def soak(cluster: Cluster, mail_server: MailServer, *, seed: int, purchases: int) -> Soaked:
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    kills = 1 + purchases // PURCHASES_PER_KILL
    catalogue = create_catalogue(cluster)
    # Don't wait for the event before the buyer comes back: many of these events are never sent.
    cluster.local_stripe.configure(redirect_wait=0)
    begun = time.monotonic()
    with cluster.worker:
        with failing(cluster, seed) as faults:
            wrong, wanted = buy_all(cluster, catalogue, faults, seed, purchases)
            work = f"from tests.soak.staff import work; work({seed})"
            tried = cluster.run_python(f"{work}\n{LET_PAUSES_PASS}")
        seconds = time.monotonic() - begun
        wrong += faults.missing() + finish(cluster)
        deliver(cluster, mail_server, random, kills=kills)
    books = books_of(cluster, after=SEND_THE_REST)
    wrong += violations(cluster, books, catalogue, wanted)
    wrong += wrong_after_sale(cluster, books, mail_server, kills=kills)
    if tried == "0":
        wrong.append("no mail was tried while the mail server was dead")
    wrong += field_report.differences()
    if "database is locked" in cluster.said():
        wrong.append("a database was locked")
    summary = f"{purchases} purchases in {seconds:.0f} s; {faults}; orders: {orders(books)}"
    return Soaked([f"seed {seed}: {each}" for each in wrong], summary)


def buy_all(
    cluster: Cluster, catalogue: Catalogue, faults: Faults, seed: int, purchases: int
) -> tuple[list[str], list[Wanted]]:
    """What went wrong, and what each buyer put into the cart."""
    connections = transport()
    wanted = []

    def buy(number: int) -> list[str]:
        buyer = buyer_of(cluster, connections, catalogue, seed, number)
        shop_and_pay(buyer)
        faults.count_purchase()
        wanted.append(Wanted(buyer.session_key, buyer.wanted))
        return [f"purchase {number}: {each}" for each in buyer.problems]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        problems = [each for found in pool.map(buy, range(purchases)) for each in found]
    connections.close()
    return problems, wanted


def buyer_of(
    cluster: Cluster, connections: httpx.HTTPTransport, catalogue: Catalogue, seed: int, number: int
) -> Buyer:
    """The same seed and number make the same plans."""
    random = Random(f"{seed}:{number}")  # noqa: S311  # repeatable, not secret
    return Buyer(cluster=cluster, connections=connections, catalogue=catalogue, random=random)


def finish(cluster: Cluster) -> list[str]:
    """Lets every session expire, without faults, and reconciles until nothing is left to do."""
    cluster.reconciler.stop()
    cluster.local_stripe.configure(webhook_url=None, clock_ahead=TWO_DAYS)
    for _ in range(ROUNDS):
        looked_at, failed = json.loads(cluster.run_python(RECONCILE))
        if not looked_at and not failed:
            return []
    return [f"the reconciler does not come to an end: {looked_at} looked at, {failed} failed"]


def orders(books: Row) -> dict[str, int]:
    """How many there are in each state, and how many are for staff."""
    states = Counter(order["state"] for order in books["orders"])
    return {**states, "for staff": sum(bool(order["attention"]) for order in books["orders"])}
