"""What the pages cost as the catalogue grows. The shop caches no pages then."""

from collections.abc import Sequence

from bench.measuring import Figures, Run, measure
from bench.rows import Requests, Row, page, with_session
from bench.shop import Shop, running_shop
from bench.visitors import request

WITHOUT_CACHE = {"CATALOGUE_CACHE_SECONDS": "0"}
# As many times as much as with 24 items.
GOAL = 1.5
# As many times as much as the first page of the list, at the same size.
SEARCH_GOAL = 3


def deep_list(shop: Shop) -> Requests:
    return [request(shop, f"/?after={_place_in_the_middle(shop, '')}")]


def items(shop: Shop) -> Requests:
    return [request(shop, f"/item/{key}") for key in _keys(shop)]


def sorted_in_the_middle(shop: Shop) -> Requests:
    return [request(shop, f"/?sort=price&after={_place_in_the_middle(shop, 'price')}")]


def rare_word(shop: Shop) -> Requests:
    return [request(shop, f"/?q={_rare_word(shop)}")]


def rare_word_by_price(shop: Shop) -> Requests:
    return [request(shop, f"/?sort=price&q={_rare_word(shop)}")]


def _rare_word(shop: Shop) -> str:
    """A word that only an item in the middle of the catalogue has."""
    key = _keys(shop)[len(_keys(shop)) // 2]
    shop.shell.run(
        "from store.models import Item\n"
        f"item = Item.objects.get(pk={key})\n"
        f"item.name = 'Quagga{key}'\n"
        "item.save(update_fields=['name'])"
    )
    return f"quagga{key}"


def _place_in_the_middle(shop: Shop, sort: str) -> str:
    key = _keys(shop)[len(_keys(shop)) // 2]
    code = (
        "from store.models import Item\n"
        "from store.sorting import SORTS, text_of\n"
        f"(sort,) = [each for each in SORTS if each.key == '{sort}']\n"
        f"print(text_of(sort.place_of(Item.objects.get(pk={key}))))"
    )
    return shop.shell.run(code).strip()


def _keys(shop: Shop) -> Sequence[int]:
    """The keys of at most 100 items from all over the catalogue."""
    code = (
        "from store.models import Item\n"
        "last = Item.objects.latest('pk').pk\n"
        "wanted = range(1, last + 1, max(last // 100, 1))\n"
        "print(*Item.objects.listed().filter(pk__in=wanted).values_list('pk', flat=True))"
    )
    return [int(key) for key in shop.shell.run(code).split()]


LIST = Row("list, first page", page("/"), goal=GOAL)
ROWS = [
    LIST,
    Row("item page", items, goal=GOAL),
    Row("cart of 3 lines", with_session(lambda _shop: "/order", 3)),
]
# These pages aren't full in the smallest catalogue.
ROWS_OF_MANY = [
    Row("list, in the middle", deep_list, goal=GOAL),
    Row("list of one currency", page("/?currency=EUR"), goal=GOAL),
]
SEARCHES = [
    Row("sorted by price", page("/?sort=price"), goal=SEARCH_GOAL),
    Row("sorted by price, in the middle", sorted_in_the_middle, goal=SEARCH_GOAL),
    Row("search for a common word", page("/?q=mug"), goal=SEARCH_GOAL),
    Row("search for a common word by price", page("/?sort=price&q=mug"), goal=SEARCH_GOAL),
    Row("search for a rare word", rare_word, goal=SEARCH_GOAL),
    Row("search for a rare word by price", rare_word_by_price, goal=SEARCH_GOAL),
    Row("search for a missing word", page("/?q=xyzzy"), goal=SEARCH_GOAL),
    # Many of the newest names have words to compare it with.
    Row("search for a misspelled word", page("/?q=dikobux"), goal=SEARCH_GOAL),
    Row("search for words of different items", page("/?q=mug+teapot"), goal=SEARCH_GOAL),
]


def measure_growth(database: str, run: Run) -> dict[int, Figures]:
    """The figures for each size of the catalogue."""
    figures = {}
    with running_shop(database, settings=WITHOUT_CACHE) as shop:
        for size in run.sizes:
            shop.fill(f"fill_items({size})")
            figures[size] = Figures()
            rows = [*ROWS, *([*ROWS_OF_MANY, *SEARCHES] if size > run.sizes[0] else [])]
            measure(shop, rows, run, figures[size])
    return figures
