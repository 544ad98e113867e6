"""What goes wrong in a soak: a third of all calls and events fail, and processes are killed."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from threading import Semaphore, Thread
from typing import Any

from tests.support.clusters import Cluster

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
FAILED = (None, 409, 429, 500)  # None: the connection was dropped
COUNTED = 5000
MANY_EVENTS = 300  # among so many, each kind of fault occurs
# A process is killed after so many purchases: at least two in the shortest soak of 100.
PURCHASES_BETWEEN_KILLS = (20, 45)


def shared(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each as often as the others. A later fault is drawn only where no earlier one was."""
    each = SHARE / len(faults)
    return [fault | {"share": each / (1 - each * n)} for n, fault in enumerate(faults)]


@dataclass
class Faults:
    """What went wrong, as the local Stripe and the killing thread count it."""

    kills: Counter[str] = field(default_factory=Counter)
    calls: float = 0.0  # the share of calls that failed
    events: float = 0.0
    count_of_events: int = 0
    kinds_of_events: set[str] = field(default_factory=set)
    is_over: bool = False
    _purchases: Semaphore = field(default_factory=lambda: Semaphore(0))

    def count_purchase(self) -> None:
        self._purchases.release()

    def wait_for_purchases(self, count: int) -> None:
        for _ in range(count):
            self._purchases.acquire()

    def end(self) -> None:
        self.is_over = True
        self._purchases.release(PURCHASES_BETWEEN_KILLS[1])

    def missing(self) -> list[str]:
        """A soak in which too little goes wrong proves nothing."""
        problems = {
            f"only {self.calls:.0%} of all calls failed": self.calls < SHARE / 2,
            f"only {self.events:.0%} of all events failed": self.events < SHARE / 2,
            f"events failed only as {self.kinds_of_events}": self.count_of_events > MANY_EVENTS
            and self.kinds_of_events != {each["fault"] for each in EVENTS},
            f"only {dict(self.kills)} were killed": len(self.kills) < 2,
        }
        return [problem for problem, is_so in problems.items() if is_so]

    def __str__(self) -> str:
        kills = ", ".join(f"{times} {name}s" for name, times in self.kills.items())
        return f"{self.calls:.0%} of calls and {self.events:.0%} of events failed, killed: {kills}"


@contextmanager
def failing(cluster: Cluster, seed: int) -> Iterator[Faults]:
    cluster.local_stripe.configure(seed=seed, faults=shared(CALLS), event_faults=shared(EVENTS))
    faults = Faults()
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    killer = Thread(target=_kill_now_and_then, args=(cluster, random, faults))
    killer.start()
    try:
        yield faults
    finally:
        faults.end()
        killer.join()
        cluster.local_stripe.configure(faults=[], event_faults=[])
        _count(cluster, faults)


def _count(cluster: Cluster, faults: Faults) -> None:
    """Counts the last thousands. A slow call looks like a successful one."""
    calls = cluster.local_stripe.http.get(f"/_sandbox/requests?last={COUNTED}").json()["requests"]
    faults.calls = sum(each["status"] in FAILED for each in calls) / len(calls)
    events = cluster.local_stripe.http.get(f"/_sandbox/events?last={COUNTED}").json()["events"]
    failed = [each["fault"] for each in events if each["fault"]]
    faults.events, faults.count_of_events = len(failed) / len(events), len(events)
    faults.kinds_of_events = set(failed)


def _kill_now_and_then(cluster: Cluster, random: Random, faults: Faults) -> None:
    """A server, the reconciler and the worker by turns."""
    programs = {"reconciler": cluster.reconciler, "worker": cluster.worker}
    for name in cycle(["server", *programs]):
        faults.wait_for_purchases(random.randint(*PURCHASES_BETWEEN_KILLS))
        if faults.is_over:
            return
        faults.kills[name] += 1
        if name == "server":
            _restart_server(cluster, random.randrange(len(cluster.servers)))
        else:
            programs[name].kill()
            programs[name].start()


def _restart_server(cluster: Cluster, number: int) -> None:
    """Events that Stripe is sending to this server fail, and Stripe sends them to another one."""
    cluster.servers[number].kill()
    other = cluster.webhook_url((number + 1) % len(cluster.servers))
    cluster.local_stripe.configure(webhook_url=other)
    cluster.servers[number].start()
    cluster.servers[number].wait_until_ready()
