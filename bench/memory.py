"""How much memory a process has after some and after many requests of all kinds."""

from random import Random

from bench.load import per_second
from bench.measuring import Run
from bench.rows import Requests, buy, first_add, later_add, page, polls, with_session
from bench.shop import Shop, running_shop
from bench.visitors import request

ITEMS = 1000
DIFFERENT = 5000
# At most by how much it grows from the first to the second figure.
GOAL = 0.10


def measure_memory(database: str, run: Run) -> list[int]:
    """The bytes after each of the run's numbers of requests."""
    measured, sent = [], 0
    with running_shop(database) as shop:
        shop.fill(f"fill_items({ITEMS})")
        requests = _mixed(shop)
        for count in run.requests:
            per_second(shop.port, requests, seconds=0, count=count - sent)
            measured.append(shop.memory())
            sent = count
    return measured


def _mixed(shop: Shop) -> Requests:
    """Different addresses, also senseless ones: a cache must not keep a page for each of them."""
    random = Random(1)  # noqa: S311  # the same for each run
    kinds = [
        (40, [request(shop, f"/item/{shop.item}?utm_source={n}") for n in range(DIFFERENT)]),
        (20, [request(shop, f"/?after={n}~100") for n in range(ITEMS)]),
        (10, page("/")(shop)),
        (9, with_session(lambda _shop: "/order", 3)(shop)),
        (9, first_add(shop)),
        (9, later_add(shop)),
        (2, buy(shop)),
        (1, polls(shop)),
    ]
    shares, choices = [share for share, _ in kinds], [requests for _, requests in kinds]
    picked = random.choices(choices, shares, k=DIFFERENT)
    return [random.choice(requests) for requests in picked]
