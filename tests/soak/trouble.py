"""What goes wrong during a soak: a third of Stripe's calls and events, and processes that die."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from threading import Event, Thread
from typing import Any

from tests.cluster import Cluster

SHARE = 1 / 3
CALLS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 500, "effect": "after"},
    {"status": 429},
    {"status": 409},
    {"drop": "before"},
    {"drop": "after"},
    {"latency": 0.5},
]
EVENTS: list[dict[str, Any]] = [
    {"fault": "late", "seconds": 3},
    {"fault": "never"},
    {"fault": "duplicate"},
    {"fault": "duplicate_id"},
    {"fault": "out_of_order"},
    {"fault": "wrong_secret"},
]
PAUSES = (6.0, 16.0)  # between two deaths


def shared(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each as often as the others. Stripe draws one after the other: later ones of what is left."""
    each = SHARE / len(faults)
    return [fault | {"share": each / (1 - each * n)} for n, fault in enumerate(faults)]


@contextmanager
def trouble(cluster: Cluster, seed: int) -> Iterator[None]:
    cluster.local_stripe.configure(seed=seed, faults=shared(CALLS), event_faults=shared(EVENTS))
    is_over = Event()
    killer = Thread(target=_kill_now_and_then, args=(cluster, Random(seed), is_over))  # noqa: S311
    killer.start()
    try:
        yield
    finally:
        is_over.set()
        killer.join()
        cluster.local_stripe.configure(faults=[], event_faults=[])


def _kill_now_and_then(cluster: Cluster, random: Random, is_over: Event) -> None:
    while not is_over.wait(random.uniform(*PAUSES)):
        number = random.randrange(len(cluster.servers) + 1)
        if number == len(cluster.servers):
            cluster.reconciler.kill()
            cluster.reconciler.start()
            continue
        # Stripe's next events find another process; those on their way find none, and come again.
        cluster.servers[number].kill()
        other = cluster.webhook_url((number + 1) % len(cluster.servers))
        cluster.local_stripe.configure(webhook_url=other)
        cluster.servers[number].start()
        cluster.servers[number].wait_until_ready()
