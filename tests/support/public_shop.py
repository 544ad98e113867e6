"""The shop as a public server runs it: processes of project.server, on PostgreSQL, behind Caddy."""

import fcntl
import functools
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from project.development import sandbox_settings
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.postgresql import empty_database
from tests.support.shops import ROOT, Shop

CADDYFILE = """
{{
	admin off
	http_port {http_port}
	local_certs
	skip_install_trust
	storage file_system {folder}/caddy
}}
import {root}/deploy/Caddyfile
"""


@dataclass
class Server:
    """One container's worth: a process of project.server and the address it answers at."""

    port: int
    process: subprocess.Popen[str]
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> int:
        """SIGTERM to the parent alone, as a container engine sends it; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@dataclass(frozen=True)
class PublicShop(Shop):
    http_address: str
    root_certificate: Path
    servers: list[Server] = field(default_factory=list)

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.address,
            verify=ssl.create_default_context(cafile=self.root_certificate),
            timeout=60,
        )


def production_settings(folder: Path, **own: str) -> dict[str, str]:
    return {
        "ENV_FILE": os.devnull,
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "not-a-secret-but-long-enough-for-every-check-of-it-" * 2,
        "DEMO": "True",  # the local Stripe in the place of Stripe
        "DEBUG": "False",
        "VAR_DIR": str(folder),
        "BUY_RATE_LIMIT": "1000000",
        **own,
    }


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@functools.cache
def collect_static_files() -> None:
    """Once in a process of the tests, as once in an image; not by two processes at once."""
    environment = production_settings(Path(), ALLOWED_HOSTS="build", BASE_URL="http://build")
    with (ROOT / "var/collecting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        manage(environment, "collectstatic", "--noinput", "-v0")


@contextmanager
def process_of(
    command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[str]]:
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, text=True
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_until_answered(address: str, process: subprocess.Popen[str], log: Path) -> None:
    while True:
        try:
            if httpx.get(address, timeout=20).status_code < 500:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)


@contextmanager
def running_server(environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    port = int(environment["PORT"])
    command = [sys.executable, "-m", "project.server"]
    with process_of(command, environment, log) as process:
        wait_until_answered(f"http://127.0.0.1:{port}/healthz", process, log)
        yield Server(port, process, log)


@contextmanager
def running_stripe(
    folder: Path, webhook_url: str, environment: Mapping[str, str]
) -> Iterator[LocalStripe]:
    port = free_port()
    command = [sys.executable, "-m", "stripe_sandbox", "--port", str(port)]
    log = folder / "stripe.log"
    with process_of([*command, "--webhook-url", webhook_url], environment, log) as process:
        local_stripe = LocalStripe(f"http://127.0.0.1:{port}")
        wait_until_answered(local_stripe.address, process, log)
        yield local_stripe
        local_stripe.close()


@contextmanager
def running_caddy(
    folder: Path, http_port: int, https_port: int, upstreams: list[int], media: Path
) -> Iterator[Path]:
    """deploy/Caddyfile with a certificate of Caddy's own; yields that authority's certificate."""
    caddy = shutil.which("caddy")
    assert caddy, (
        "These tests need Caddy: apt-get install caddy, or see caddyserver.com/docs/install."
    )
    config, log = folder / "Caddyfile", folder / "caddy.log"
    config.write_text(CADDYFILE.format(folder=folder, root=ROOT, http_port=http_port))
    environment = {
        "HOME": str(folder),
        "DOMAIN": f"localhost:{https_port}",
        "HTTPS_PORT": str(https_port),
        "UPSTREAMS": " ".join(f"127.0.0.1:{port}" for port in upstreams),
        "MEDIA_DIR": str(media),
    }
    command = [caddy, "run", "--adapter", "caddyfile", "--config", str(config)]
    with process_of(command, environment, log) as process:
        wait_until_answered(f"http://localhost:{http_port}/", process, log)
        yield folder / "caddy/pki/authorities/local/root.crt"


@contextmanager
def public_shop(folder: Path, postgresql: str) -> Iterator[PublicShop]:
    """Two servers on one database, Caddy in front of them, all as compose.yaml has it."""
    http_port, https_port = free_port(), free_port()
    address = f"https://localhost:{https_port}"
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        database = stack.enter_context(empty_database(postgresql))
        caddy = running_caddy(folder, http_port, https_port, ports, folder / "media")
        root_certificate = stack.enter_context(caddy)
        trusting = {"PATH": os.environ["PATH"], "SSL_CERT_FILE": str(root_certificate)}
        local_stripe = stack.enter_context(
            running_stripe(folder, f"{address}/stripe/webhook", trusting)
        )
        environment = production_settings(
            folder,
            ALLOWED_HOSTS="localhost",
            BASE_URL=address,
            DATABASE_URL=database,
            **sandbox_settings(local_stripe.address),
        )
        collect_static_files()
        manage(environment, "migrate", "-v0")
        manage(environment, "seed_catalogue")
        servers = [
            stack.enter_context(
                running_server(environment | {"PORT": str(port)}, folder / f"{port}.log")
            )
            for port in ports
        ]
        yield PublicShop(
            address=address,
            local_stripe=local_stripe,
            greeting="",
            var_dir=folder,
            environment=environment,
            http_address=f"http://localhost:{http_port}",
            root_certificate=root_certificate,
            servers=servers,
        )
