"""The shop as a public server runs it: processes of project.server, on PostgreSQL, behind Caddy."""

import fcntl
import functools
import json
import os
import socket
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from project.development import sandbox_settings
from tests.support import field_report, http
from tests.support.django_shell import open_shell
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.postgresql import empty_database
from tests.support.processes import ROOT, Program, manage
from tests.support.shops import NO_LIMITS, Shop
from tests.support.waiting import LIMIT_SECONDS

# The proxy in the version that compose.yaml names: requirements/dev.in.
CADDY = Path(sys.executable).with_name("caddy")
CADDYFILE = ROOT / "deploy/Caddyfile"
# Joins the global options of deploy/Caddyfile, which begin the file.
OPTIONS_OF_TESTS = """{{
	http_port {http_port}
	local_certs
	skip_install_trust
	storage file_system {folder}/caddy
"""


@dataclass(frozen=True)
class Server:
    """A process of project.server and the address that it answers at."""

    address: str
    program: Program


@dataclass(frozen=True)
class PublicShop(Shop):
    http_address: str
    root_certificate: Path
    servers: list[Server] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def certificates(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.root_certificate)

    def client(self) -> httpx.Client:
        return http.Client(base_url=self.address, verify=self.certificates)

    def logged_requests(self) -> list[str]:
        """The method, route and status of each request that the servers have answered."""
        printed = "".join(server.program.printed() for server in self.servers)
        lines = [json.loads(line) for line in printed.splitlines()]
        return [each["message"] for each in lines if each["logger"] == "minicart.requests"]


def production_settings(folder: Path, **own: str) -> dict[str, str]:
    return {
        "ENV_FILE": os.devnull,
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "not-a-secret-but-long-enough-for-every-check-of-it-" * 2,
        "DEMO": "True",  # allows the local Stripe
        "DEBUG": "False",
        "VAR_DIR": str(folder),
        **NO_LIMITS,
        **field_report.variables(),
        **own,
    }


@functools.cache
def collect_static_files() -> None:
    """Once in a test process, and never by two of them at the same time."""
    environment = production_settings(Path(), ALLOWED_HOSTS="build", BASE_URL="http://build")
    with (ROOT / "var/collecting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        manage(environment, "collectstatic", "--noinput", "-v0")


@contextmanager
def running_server(environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    address = f"http://127.0.0.1:{environment['PORT']}"
    command = [sys.executable, "-m", "project.server"]
    with Program(command, environment, log, ready=f"{address}/healthz") as program:
        yield Server(address, program)


@contextmanager
def running_stripe(
    folder: Path, webhook_url: str, environment: Mapping[str, str]
) -> Iterator[LocalStripe]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "stripe_sandbox", "--port", str(port)]
    command += ["--webhook-url", webhook_url]
    with (
        Program(command, environment, folder / "stripe.log", ready=address),
        LocalStripe(address) as local_stripe,
    ):
        yield local_stripe


@contextmanager
def running_caddy(
    folder: Path,
    http_port: int,
    https_port: int,
    upstreams: list[int],
    media: Path,
    *,
    servers: str = "",
) -> Iterator[Path]:
    """deploy/Caddyfile with a certificate that Caddy makes; yields the authority's certificate.

    `servers` has more lines for its block with this name.
    """
    config, log = folder / "Caddyfile", folder / "caddy.log"
    options = OPTIONS_OF_TESTS.format(folder=folder, http_port=http_port)
    text = CADDYFILE.read_text().replace("{\n", options, 1)
    config.write_text(text.replace("servers {\n", f"servers {{\n{servers}", 1))
    environment = {
        "HOME": str(folder),
        "DOMAIN": f"localhost:{https_port}",
        "HTTPS_PORT": str(https_port),
        "UPSTREAMS": " ".join(f"127.0.0.1:{port}" for port in upstreams),
        "MEDIA_DIR": str(media),
    }
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(config)]
    root_certificate = folder / "caddy/pki/authorities/local/root.crt"
    with Program(command, environment, log, ready=f"http://localhost:{http_port}/") as program:
        program.wait_until(lambda: accepts_tls(https_port, root_certificate))
        yield root_certificate


def accepts_tls(port: int, root_certificate: Path) -> bool:
    """Whether the proxy has made its certificate, which it does after it has started."""
    try:
        context = ssl.create_default_context(cafile=root_certificate)
        with socket.create_connection(("localhost", port), LIMIT_SECONDS) as connection:
            context.wrap_socket(connection, server_hostname="localhost").close()
    except OSError:  # also an error of TLS, and a missing file
        return False
    return True


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
            BUY_RATE_LIMIT="1000000",  # counts, but refuses nothing
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
            shell=stack.enter_context(open_shell(environment)),
            http_address=f"http://localhost:{http_port}",
            root_certificate=root_certificate,
            servers=servers,
        )
