"""What goes wrong during a soak: a third of Stripe's calls and events, and processes that die."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
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
MORTALS = ("server", "reconciler")
PAUSES = (6.0, 16.0)  # between two deaths


def shared(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each as often as the others. Stripe draws one after the other: later ones of what is left."""
    each = SHARE / len(faults)
    return [fault | {"share": each / (1 - each * n)} for n, fault in enumerate(faults)]


@dataclass
class Trouble:
    """What went wrong, as the local Stripe and the killer count it."""

    deaths: Counter[str] = field(default_factory=Counter)
    calls: float = 0.0  # shares of all
    events: float = 0.0
    kinds_of_events: set[str] = field(default_factory=set)

    def too_little(self) -> list[str]:
        """A soak in which all went well proves nothing."""
        complaints = {
            f"only {self.calls:.0%} of all calls failed": self.calls < SHARE / 2,
            f"only {self.events:.0%} of all events went wrong": self.events < SHARE / 2,
            f"events only went wrong as {self.kinds_of_events}": self.kinds_of_events
            != {each["fault"] for each in EVENTS},
            f"only {dict(self.deaths)} died: let it run longer": len(self.deaths) < len(MORTALS),
        }
        return [complaint for complaint, is_so in complaints.items() if is_so]

    def __str__(self) -> str:
        killed = ", ".join(f"{times} {name}s" for name, times in self.deaths.items())
        return f"{self.calls:.0%} of calls and {self.events:.0%} of events failed, killed: {killed}"


@contextmanager
def trouble(cluster: Cluster, seed: int) -> Iterator[Trouble]:
    cluster.local_stripe.configure(seed=seed, faults=shared(CALLS), event_faults=shared(EVENTS))
    is_over, had = Event(), Trouble()
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    killer = Thread(target=_kill_now_and_then, args=(cluster, random, is_over, had.deaths))
    killer.start()
    try:
        yield had
    finally:
        is_over.set()
        killer.join()
        cluster.local_stripe.configure(faults=[], event_faults=[])
        _count(cluster, had)


def _count(cluster: Cluster, had: Trouble) -> None:
    """Of the last thousands; slow calls don't show."""
    calls = cluster.local_stripe.http.get(f"/_sandbox/requests?last={COUNTED}").json()["requests"]
    had.calls = sum(each["status"] in FAILED for each in calls) / len(calls)
    events = cluster.local_stripe.http.get(f"/_sandbox/events?last={COUNTED}").json()["events"]
    faults = [each["fault"] for each in events if each["fault"]]
    had.events, had.kinds_of_events = len(faults) / len(events), set(faults)


def _kill_now_and_then(
    cluster: Cluster, random: Random, is_over: Event, deaths: Counter[str]
) -> None:
    while not is_over.wait(random.uniform(*PAUSES)):
        number = random.randrange(len(cluster.servers) + 1)
        deaths[MORTALS[number == len(cluster.servers)]] += 1
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
