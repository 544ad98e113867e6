"""Measure rows in rounds, each as a share of the empty view just before and after it."""

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean, median

import httpx

from bench.load import WrongAnswer, per_second
from bench.rows import EMPTY_VIEW, Requests, Row
from bench.shop import Shop
from bench.visitors import request

# Below it, something else than the server limits the figure: the load, the database or Stripe.
BUSY = 0.8


@dataclass
class Run:
    """How much is measured, and what has failed so far."""

    rounds: int = 3
    seconds: int = 3
    sizes: tuple[int, ...] = (24, 1_000, 100_000, 1_000_000)
    orders: int = 100_000
    requests: tuple[int, int] = (5_000, 50_000)
    failures: list[str] = field(default_factory=list)


def quick_run() -> Run:
    return Run(rounds=1, seconds=1, sizes=(24, 1_000), orders=2_000, requests=(500, 2_000))


@dataclass
class Figures:
    """What one shop was measured to do."""

    empty_views: list[float] = field(default_factory=list)  # a second
    ratios: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    shares_of_processor: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    connections_to_stripe: dict[str, int] = field(default_factory=dict)
    connections_to_postgresql: int = 0

    def ratio(self, name: str) -> float | None:
        return median(self.ratios[name]) if self.ratios.get(name) else None

    def is_limited_by_the_server(self, name: str) -> bool:
        return median(self.shares_of_processor[name]) >= BUSY


def measure(shop: Shop, rows: Sequence[Row], run: Run, figures: Figures) -> None:
    """Measure the rows. One with a wrong answer is noted as a failure, and left out."""
    prepared, failed = dict[str, Requests](), set[str]()
    for number in range(run.rounds):
        for row in rows:
            if row.name in failed:
                continue
            try:
                if row.is_sent_once or row.name not in prepared:
                    prepared[row.name] = row.prepare(shop)
                requests = prepared[row.name]
                first = len(requests) * number // run.rounds  # so that a round repeats no press
                _measure(shop, row, [*requests[first:], *requests[:first]], run, figures)
            except (WrongAnswer, httpx.HTTPError) as error:
                failed.add(row.name)
                figures.ratios.pop(row.name, None)
                run.failures.append(f"{row.name} on {shop.database}: {error}")


def _measure(shop: Shop, row: Row, requests: Sequence[bytes], run: Run, figures: Figures) -> None:
    before = _empty_views(shop)
    shop.wait_until_idle()
    shop.stripe.slow_down(row.stripe_seconds)
    began_at, processor_before = time.time(), shop.processor_seconds()
    answered = per_second(
        shop.port,
        requests,
        statuses=row.statuses,
        connections=row.connections,
        # The requests of a row that is sent once must last until the end.
        seconds=0 if row.is_sent_once else run.seconds,
        count=len(requests) - 3 * row.connections if row.is_sent_once else 0,
    )
    processor = (shop.processor_seconds() - processor_before) / (time.time() - began_at)
    shop.stripe.slow_down(0)
    empty = mean([before, _empty_views(shop)])
    print(f"… {shop.database}, {row.name}: {answered / empty:.3f}", file=sys.stderr, flush=True)
    figures.empty_views.append(empty)
    figures.ratios[row.name].append(answered / empty)
    figures.shares_of_processor[row.name].append(processor / len(shop.processes()))
    if row.stripe_seconds:
        calls = [each for each in shop.stripe.all_requests() if each["at"] >= began_at]
        figures.connections_to_stripe[row.name] = len({each["source_port"] for each in calls})


def _empty_views(shop: Shop) -> float:
    """How many the server answers a second, now."""
    shop.wait_until_idle()
    return per_second(shop.port, [request(shop, EMPTY_VIEW)], seconds=1)
