"""One shop as several processes on one database, each to be killed and started at any moment.

With the settings of a public server, save that the local Stripe is in the place of Stripe.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from project.development import sandbox_settings, shop_command
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.public_shop import collect_static_files, production_settings
from tests.support.shops import ROOT, manage

START_SECONDS = 60
# Younger attempts may still be under way on a busy machine: theirs would be an answer too early.
LEAVES_YOUNGER_THAN = "30s"


class Program:
    """A process with what it prints in a file; `ready` is an address that answers once it runs."""

    def __init__(
        self, command: list[str], environment: dict[str, str], log: Path, *, ready: str = ""
    ) -> None:
        self.command, self.environment, self.log, self.ready = command, environment, log, ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.ready):
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """As the machine's power would: nothing is finished, nothing is said."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


@dataclass(frozen=True)
class Cluster:
    servers: list[Program]
    addresses: list[str]
    stripe: Program
    reconciler: Program
    local_stripe: LocalStripe
    environment: dict[str, str]

    def run_python(self, code: str) -> str:
        """Runs `code` in this shop's `manage.py shell`."""
        return manage(self.environment, "shell", "-v0", "-c", code)

    def webhook_url(self, number: int) -> str:
        return f"{self.addresses[number]}/stripe/webhook"

    def said(self) -> str:
        """All that the shop's own processes have logged."""
        return "".join(each.log.read_text() for each in (*self.servers, self.reconciler))


@contextmanager
def running_cluster(
    folder: Path,
    environment: dict[str, str],
    *,
    servers: int = 2,
    older_than: str = LEAVES_YOUNGER_THAN,
) -> Iterator[Cluster]:
    """`older_than` is the reconciler's, which looks every eight seconds."""
    cluster = _planned(folder, servers, older_than, environment)
    programs = [cluster.stripe, *cluster.servers, cluster.reconciler]
    collect_static_files()
    manage(cluster.environment, "migrate", "-v0")
    try:
        for program in programs:
            program.start()
        for program in programs[:-1]:
            program.wait_until_ready()
        yield cluster
    finally:
        cluster.local_stripe.close()
        for program in reversed(programs):
            program.stop()


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
        local_stripe=LocalStripe(stripe_address),
        environment=own,
    )


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
