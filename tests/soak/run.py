"""A soak: many buyers at random while everything goes wrong, then peace, then the books."""

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

import httpx

from tests.soak.buyers import Buyer
from tests.soak.catalogue import World, make_world
from tests.soak.faults import trouble
from tests.soak.ledger import violations
from tests.soak.scenarios import shop_and_pay
from tests.support.buyers import transport
from tests.support.clusters import Cluster

AT_ONCE = 24
TWO_DAYS = 2 * 24 * 60 * 60
# The reconciler takes the time from whoever calls it: a day on, every hold is overdue.
RECONCILE = """
import json
from datetime import timedelta
from django.utils import timezone
from payments.reconcile import reconcile
*_, summary = reconcile(older_than=timedelta(0), at=timezone.now() + timedelta(hours=25))
print(json.dumps([summary.looked_at, summary.failed]))
"""
ROUNDS = 5


@dataclass(frozen=True)
class Soaked:
    """What a soak found wrong, and what it did."""

    wrong: list[str]
    summary: str


def soak(cluster: Cluster, *, seed: int, purchases: int) -> Soaked:
    world = make_world(cluster)
    # Nobody waits for the shop to hear of a payment; many of these events never come.
    cluster.local_stripe.configure(redirect_wait=0)
    begun = time.monotonic()
    with trouble(cluster, seed) as had:
        wrong = buy_all(cluster, world, seed, purchases)
    seconds = time.monotonic() - begun
    wrong += had.too_little() + make_peace(cluster) + violations(cluster, world)
    if "database is locked" in cluster.said():
        wrong.append("a database was locked")
    summary = f"{purchases} purchases in {seconds:.0f} s; {had}; orders: {orders(cluster)}"
    return Soaked([f"seed {seed}: {each}" for each in wrong], summary)


def buy_all(cluster: Cluster, world: World, seed: int, purchases: int) -> list[str]:
    connections = transport()

    def buy(number: int) -> list[str]:
        buyer = buyer_of(cluster, connections, world, seed, number)
        shop_and_pay(buyer)
        return [f"purchase {number}: {each}" for each in buyer.complaints]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        complaints = [each for found in pool.map(buy, range(purchases)) for each in found]
    connections.close()
    return complaints


def buyer_of(
    cluster: Cluster, connections: httpx.HTTPTransport, world: World, seed: int, number: int
) -> Buyer:
    """The same seed and number make the same plans."""
    random = Random(f"{seed}:{number}")  # noqa: S311  # repeatable, not secret
    return Buyer(cluster=cluster, connections=connections, world=world, random=random)


def make_peace(cluster: Cluster) -> list[str]:
    """Nothing fails any more, every session has run out, and the reconciler does what is left."""
    cluster.reconciler.stop()
    cluster.local_stripe.configure(webhook_url=None, clock_ahead=TWO_DAYS)
    for _ in range(ROUNDS):
        looked_at, failed = json.loads(cluster.run_python(RECONCILE))
        if not looked_at and not failed:
            return []
    return [f"the reconciler does not come to an end: {looked_at} looked at, {failed} failed"]


def orders(cluster: Cluster) -> dict[str, int]:
    """How many there are in each state, and how many are for staff."""
    asked = """
from cart.models import Order
states = list(Order.objects.values_list("state", flat=True))
states += ["for staff"] * Order.objects.needing_attention().count()
print(__import__("json").dumps(states))
"""
    return dict(Counter(json.loads(cluster.run_python(asked))))
