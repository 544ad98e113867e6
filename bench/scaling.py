"""The shop with one process and with several, on PostgreSQL: `python -m bench.scaling`.

Prints item pages and presses of Buy a second, and how many connections PostgreSQL had at the end.
The load comes from the same processors: read the ratios, and measure on the server you mean to use.
"""

import tempfile
from pathlib import Path

import psycopg

from bench.serving import STRIPE_LATENCY_SECONDS, per_second
from project.development import sandbox_settings
from tests.support.ports import free_port
from tests.support.postgresql import empty_database, postgresql_server
from tests.support.processes import manage
from tests.support.public_shop import (
    collect_static_files,
    production_settings,
    running_server,
    running_stripe,
)

PROCESSES = [1, 2, 4]
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'minicart'"


def main() -> None:
    print(f"{'processes':>9} {'item/s':>8} {'buys/s':>8} {'connections':>12}")
    collect_static_files()
    with postgresql_server() as postgresql:
        for processes in PROCESSES:
            with tempfile.TemporaryDirectory() as folder, empty_database(postgresql) as database:
                print(f"{processes:9} {measured(Path(folder), database, processes)}", flush=True)


def measured(folder: Path, database: str, processes: int) -> str:
    with running_stripe(folder, "http://127.0.0.1:9/", {}) as local_stripe:
        port = str(free_port())
        environment = production_settings(
            folder,
            ALLOWED_HOSTS="127.0.0.1",
            BASE_URL=f"http://127.0.0.1:{port}",
            PORT=port,
            DATABASE_URL=database,
            WEB_CONCURRENCY=str(processes),
            DRAIN_SECONDS="0",
            LOG_LEVEL="ERROR",
            **sandbox_settings(local_stripe.address),
        )
        manage(environment, "migrate", "-v0")
        manage(environment, "seed_catalogue")
        with running_server(environment, folder / "server.log") as server:
            shop = server.address.removeprefix("http://")
            per_second(shop, "/item/1", 320)  # every process has started
            items = per_second(shop, "/item/1", 1600)
            local_stripe.slow_down(STRIPE_LATENCY_SECONDS)
            buys = per_second(shop, "/buy/1", 128)
            with psycopg.connect(database) as connection:
                row = connection.execute(CONNECTIONS).fetchone()
    return f"{items:8.0f} {buys:8.0f} {row[0] if row else 0:12}"


if __name__ == "__main__":
    main()
