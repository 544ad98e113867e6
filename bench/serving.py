"""The same shop behind a2wsgi and behind Django's ASGI handler, measured in one run.

`make bench` prints, for each: requests a second of an empty view and of an item page, purchases a
second, and how many TCP connections they opened to Stripe. Then it prints how long the public
server takes for an empty view on one kept connection, compared with fresh ones. Read the ratios.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from project.development import sandbox_settings
from tests.support.latency import latency
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.processes import Program, manage
from tests.support.public_shop import production_settings, running_server
from tests.support.shops import NO_LIMITS

STRIPE_LATENCY_SECONDS = 0.05
CLIENTS = 64


@dataclass(frozen=True)
class Variant:
    name: str
    application: str
    threads: int


VARIANTS = [
    Variant("a2wsgi, 64 threads", "project.asgi:application", 64),
    Variant("a2wsgi, 10 threads", "project.asgi:application", 10),
    Variant("Django ASGI", "bench.plain_asgi:application", 64),
]


def main() -> None:
    print(f"{'':20} {'empty/s':>8} {'item/s':>8} {'buys/s':>8} {'connections to Stripe':>22}")
    for variant in VARIANTS:
        with tempfile.TemporaryDirectory() as folder, running(variant, folder) as (shop, stripe):
            empty = per_second(shop, "/robots.txt", 3200)
            item = per_second(shop, "/item/1", 1600)
            stripe.reset()
            stripe.slow_down(STRIPE_LATENCY_SECONDS)
            buys = per_second(shop, "/buy/1", 640)
            ports = {each["source_port"] for each in stripe.requests("POST", SESSIONS)}
        print(f"{variant.name:20} {empty:8.0f} {item:8.0f} {buys:8.0f} {len(ports):14} for 640")
    for loop in ("asyncio", "uvloop"):
        print(f"project.server, {loop}: {kept_connection(loop)}")


def kept_connection(loop: str) -> str:
    port = str(free_port())
    with tempfile.TemporaryDirectory() as folder:
        environment = production_settings(
            Path(folder),
            ALLOWED_HOSTS="127.0.0.1",
            BASE_URL=f"http://127.0.0.1:{port}",
            PORT=port,
            SERVER_LOOP=loop,
            DRAIN_SECONDS="0",
            LOG_LEVEL="ERROR",
        )
        with running_server(environment, Path(folder) / "server.log"):
            measured = latency(f"127.0.0.1:{port}", "/robots.txt")
    kept, fresh = (f"{seconds * 1000:.1f} ms" for seconds in (measured.kept, measured.fresh))
    is_fast = measured.kept < 2 * measured.fresh
    verdict = "ok" if is_fast else "too slow: must be below twice that of fresh connections"
    return f"an empty view takes {kept} on a kept connection, {fresh} on fresh ones ({verdict})"


SESSIONS = "/v1/checkout/sessions"


def per_second(shop: str, path: str, count: int) -> float:
    """`count` requests from CLIENTS at once, each on a connection of its own; all must succeed."""

    def some(number: int) -> None:
        connection = HTTPConnection(shop, timeout=60)
        for _ in range(number):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
        connection.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(some, [count // CLIENTS] * CLIENTS))
    return count / (time.perf_counter() - start)


@contextmanager
def running(variant: Variant, folder: str) -> Iterator[tuple[str, LocalStripe]]:
    port, sandbox_port = str(free_port()), str(free_port())
    address = f"http://127.0.0.1:{sandbox_port}"
    env = os.environ | sandbox_settings(address)
    env |= {"ENV_FILE": os.devnull, "DEBUG": "False", "DEMO": "True", "SECRET_KEY": "bench" * 10}
    env |= {"ALLOWED_HOSTS": "127.0.0.1", "BASE_URL": f"http://127.0.0.1:{port}"}
    env |= {"LOG_LEVEL": "ERROR", "VAR_DIR": folder, **NO_LIMITS}
    env |= {
        "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        "WORKER_THREADS": str(variant.threads),
    }
    for command in ("migrate -v0", "seed_catalogue", "collectstatic --noinput"):
        manage(env, *command.split())
    python, log = [sys.executable, "-m"], Path(folder) / "bench.log"
    sandbox = [*python, "stripe_sandbox", "--port", sandbox_port]
    uvicorn = [*python, "uvicorn", variant.application, "--port", port, "--lifespan", "off"]
    with (
        Program(sandbox, env, log, ready=address),
        Program([*uvicorn, "--log-level", "error"], env, log, ready=f"http://127.0.0.1:{port}/"),
        LocalStripe(address) as stripe,
    ):
        yield f"127.0.0.1:{port}", stripe


if __name__ == "__main__":
    main()
