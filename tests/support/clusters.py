"""One shop as several processes on one database, which tests kill and start again.

The settings are those of a public server, with the local Stripe in the place of Stripe.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from project.development import sandbox_settings, shop_command
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.processes import Program, manage
from tests.support.public_shop import collect_static_files, production_settings

# On a busy machine a younger attempt may still be in progress.
OLDER_THAN = "30s"


@dataclass(frozen=True)
class Cluster:
    servers: list[Program]
    addresses: list[str]
    stripe: Program
    reconciler: Program
    worker: Program  # not started: it is for tests of mails
    local_stripe: LocalStripe
    environment: dict[str, str]

    def run_python(self, code: str) -> str:
        """Runs `code` in this shop's `manage.py shell`."""
        return manage(self.environment, "shell", "-v0", "-c", code)

    def webhook_url(self, number: int) -> str:
        return f"{self.addresses[number]}/stripe/webhook"

    def said(self) -> str:
        """What the shop's processes have logged."""
        programs = (*self.servers, self.reconciler, self.worker)
        return "".join(each.printed() for each in programs if each.log.exists())


@contextmanager
def running_cluster(
    folder: Path,
    environment: dict[str, str],
    *,
    servers: int = 2,
    older_than: str = OLDER_THAN,
) -> Iterator[Cluster]:
    """`older_than` is the reconciler's, which runs every eight seconds."""
    cluster = _planned(folder, servers, older_than, environment)
    collect_static_files()
    manage(cluster.environment, "migrate", "-v0")
    with ExitStack() as stack:
        for program in (cluster.stripe, *cluster.servers, cluster.reconciler):
            stack.enter_context(program)
        stack.enter_context(cluster.local_stripe)
        yield cluster


def _planned(folder: Path, servers: int, older_than: str, environment: dict[str, str]) -> Cluster:
    stripe_port, *ports = [free_port() for _ in range(servers + 1)]
    stripe_address = f"http://127.0.0.1:{stripe_port}"
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    own = production_settings(
        folder,
        ALLOWED_HOSTS="127.0.0.1",
        BASE_URL=addresses[0],
        **sandbox_settings(stripe_address),
        **environment,
    )
    sandbox = [sys.executable, "-m", "stripe_sandbox", "--port", str(stripe_port)]
    sandbox += ["--webhook-url", f"{addresses[0]}/stripe/webhook"]
    reconciler = [sys.executable, "manage.py", "reconcile_payments"]
    reconciler += ["--older-than", older_than, "--every", "8s"]
    return Cluster(
        servers=[
            Program(shop_command(port), own, folder / f"shop-{port}.log", ready=f"{address}/readyz")
            for port, address in zip(ports, addresses, strict=True)
        ],
        addresses=addresses,
        stripe=Program(
            sandbox, own, folder / "stripe.log", ready=f"{stripe_address}/_sandbox/config"
        ),
        reconciler=Program(reconciler, own, folder / "reconciler.log"),
        worker=Program([sys.executable, "manage.py", "worker"], own, folder / "worker.log"),
        local_stripe=LocalStripe(stripe_address),
        environment=own,
    )
