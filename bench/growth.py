"""What the pages cost as the catalogue grows. The shop caches no pages then."""

from collections.abc import Sequence

from bench.measuring import Figures, Run, measure
from bench.rows import Requests, Row, page, with_session
from bench.shop import Shop, running_shop
from bench.visitors import request

WITHOUT_CACHE = {"CATALOGUE_CACHE_SECONDS": "0"}
# As many times as much as with 24 items.
GOAL = 1.5


def deep_list(shop: Shop) -> Requests:
    return [request(shop, f"/?after={_keys(shop)[len(_keys(shop)) // 2]}~100")]


def items(shop: Shop) -> Requests:
    return [request(shop, f"/item/{key}") for key in _keys(shop)]


def _keys(shop: Shop) -> Sequence[int]:
    """The keys of at most 100 items from all over the catalogue."""
    code = (
        "from store.models import Item\n"
        "last = Item.objects.latest('pk').pk\n"
        "wanted = range(1, last + 1, max(last // 100, 1))\n"
        "print(*Item.objects.listed().filter(pk__in=wanted).values_list('pk', flat=True))"
    )
    return [int(key) for key in shop.shell.run(code).split()]


ROWS = [
    Row("list, first page", page("/"), goal=GOAL),
    Row("item page", items, goal=GOAL),
    Row("cart of 3 lines", with_session(lambda _shop: "/order", 3)),
]
# These pages aren't full in the smallest catalogue.
ROWS_OF_MANY = [
    Row("list, in the middle", deep_list, goal=GOAL),
    Row("list of one currency", page("/?currency=EUR"), goal=GOAL),
]


def measure_growth(database: str, run: Run) -> dict[int, Figures]:
    """The figures for each size of the catalogue."""
    figures = {}
    with running_shop(database, settings=WITHOUT_CACHE) as shop:
        for size in run.sizes:
            shop.fill(f"fill_items({size})")
            figures[size] = Figures()
            rows = [*ROWS, *(ROWS_OF_MANY if size > run.sizes[0] else [])]
            measure(shop, rows, run, figures[size])
    return figures
