"""A shop to measure: the public server on some cores, everything else on the others."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import psutil
import psycopg

from project.development import sandbox_settings
from tests.support.django_shell import DjangoShell, open_shell
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.postgresql import empty_database, postgresql_server
from tests.support.processes import Program, manage
from tests.support.public_shop import collect_static_files, production_settings, running_stripe
from tests.support.shops import NO_LIMITS

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
# Limits that count each request, as in a real shop, and refuse none.
WIDE_LIMITS = dict.fromkeys(NO_LIMITS, "1000000000")
SERVER = ("-m", "project.server")
CORES = sorted(os.sched_getaffinity(0))
# What a server without requests computes at most in a quarter of a second.
IDLE_SECONDS = 0.02


def cores_of(processes: int) -> tuple[set[int], set[int]]:
    """The cores of the server's processes, and those of the load, Stripe and the database.

    One core is left for the load. Where all would be the server's, they share the last one.
    """
    return set(CORES[:processes]), set(CORES[processes:] or CORES[-1:])


@dataclass(frozen=True)
class Shop:
    port: int
    stripe: LocalStripe
    shell: DjangoShell
    server: Program
    postgresql: str  # the address of its database; "" on SQLite

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        return POSTGRESQL if self.postgresql else SQLITE

    @cached_property
    def item(self) -> int:
        """The key of an item in US dollars that never runs out."""
        return self.items_in_dollars[0]

    @cached_property
    def items_in_dollars(self) -> list[int]:
        code = "filter(currency='USD', stock=None).order_by('pk')[:50].values_list('pk', flat=True)"
        keys = self.shell.run(f"from store.models import Item; print(*Item.objects.{code})")
        return [int(key) for key in keys.split()]

    @cached_property
    def seen_amount(self) -> int:
        """The price of `item` in minor units."""
        code = f"print(Item.objects.get(pk={self.item}).amount)"
        return int(self.shell.run(f"from store.models import Item; {code}"))

    def wait_until_idle(self) -> None:
        """Wait for the requests that the server still has after the load has ended."""
        before = -1.0
        while (now := self.processor_seconds()) - before > IDLE_SECONDS:
            before = now
            time.sleep(0.25)

    def fill(self, call: str) -> None:
        """Call a function of bench.filling in the shop."""
        self.wait_until_idle()
        self.shell.run(f"from bench import filling; filling.{call}")

    def processes(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        server = psutil.Process(self.server.pid)
        children = [each for each in server.children() if "spawn_main" in str(each.cmdline())]
        return children or [server]

    def processor_seconds(self) -> float:
        """The time that its processes have computed."""
        times = [each.cpu_times() for each in self.processes()]
        return float(sum(each.user + each.system for each in times))

    def connections_to_postgresql(self) -> int:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'minicart'"
        with psycopg.connect(self.postgresql) as connection:
            row = connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def memory(self) -> int:
        """The bytes that the first of them has in memory."""
        return int(self.processes()[0].memory_info().rss)


@contextmanager
def running_shop(
    database: str = SQLITE,
    *,
    processes: int = 1,
    server: tuple[str, ...] = SERVER,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Shop]:
    """Run a shop with the sample items and without shipping, tax and discounts."""
    server_cores, other_cores = cores_of(processes)
    os.sched_setaffinity(0, other_cores)  # the programs below inherit it
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="minicart-bench-")))
        postgresql = ""
        if database == POSTGRESQL:
            cluster = stack.enter_context(postgresql_server(waits_for_disk=True))
            postgresql = stack.enter_context(empty_database(cluster))
            settings = {**settings, "DATABASE_URL": postgresql}
        stripe = stack.enter_context(running_stripe(folder, "http://127.0.0.1:9/", {}))
        stripe.deliver_events(False)
        port = free_port()
        environment = _environment(folder, port, stripe)
        environment |= {"WEB_CONCURRENCY": str(processes), **settings}
        collect_static_files()
        manage(environment, "migrate", "-v0")
        manage(environment, "seed_catalogue")
        pinned = ["taskset", "--cpu-list", ",".join(map(str, sorted(server_cores)))]
        command = [*pinned, sys.executable, *(part.format(port=port) for part in server)]
        ready = f"http://127.0.0.1:{port}/healthz"
        program = Program(command, environment, folder / "server.log", ready=ready)
        stack.enter_context(program)
        if postgresql:  # the shell's connection isn't counted as one of the server
            own_name = f"{'&' if '?' in postgresql else '?'}application_name=bench"
            environment |= {"DATABASE_URL": postgresql + own_name}
        shell = stack.enter_context(open_shell(environment))
        yield Shop(port, stripe, shell, program, postgresql)


def _environment(folder: Path, port: int, stripe: LocalStripe) -> dict[str, str]:
    return (
        production_settings(
            folder,
            ALLOWED_HOSTS="127.0.0.1",
            BASE_URL=f"http://127.0.0.1:{port}",
            PORT=str(port),
            SERVER_LOOP="asyncio",
            PAYMENT_METHODS="checkout,intent",
            DRAIN_SECONDS="0",
            LOG_LEVEL="ERROR",
            **sandbox_settings(stripe.address),
        )
        | WIDE_LIMITS
    )
