"""The comparisons of docs/decisions/0001: Django's handlers, and kept connections."""

from bench.growth import WITHOUT_CACHE
from bench.measuring import Figures, Run, measure
from bench.rows import MANY_BUYERS, Row, buy, item
from bench.shop import running_shop
from tests.support.latency import latency

UVICORN = ("-m", "uvicorn", "--port", "{port}", "--lifespan=off", "--log-level=error")
# uvicorn's command doesn't set TCP_NODELAY as project/server.py does; uvloop does.
UVICORN_LOOP = "--loop=uvloop"
HANDLERS = {
    "a2wsgi, 64 threads": ("project.asgi:application", "64"),
    "a2wsgi, 10 threads": ("project.asgi:application", "10"),
    "Django's ASGI handler": ("bench.plain_asgi:application", "64"),
}
ROWS = [Row("item page", item), Row("Buy, Stripe takes 50 ms", buy, **MANY_BUYERS)]


def measure_handlers(run: Run) -> dict[str, Figures]:
    figures = {}
    for name, (application, threads) in HANDLERS.items():
        server = (*UVICORN, UVICORN_LOOP, application)
        settings = {"WORKER_THREADS": threads, **WITHOUT_CACHE}
        with running_shop(server=server, settings=settings) as shop:
            figures[name] = Figures()
            measure(shop, ROWS, run, figures[name])
    return figures


def kept_and_fresh(loop: str) -> tuple[float, float]:
    """The seconds that an empty view takes on a kept connection, and on fresh ones."""
    with running_shop(settings={"SERVER_LOOP": loop}) as shop:
        measured = latency(f"127.0.0.1:{shop.port}", "/robots.txt")
    return measured.kept, measured.fresh
