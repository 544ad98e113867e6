"""`make run`: prepares the database, runs the shop and, where no keys are set, the local Stripe."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from project.environment import Environment

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


@dataclass(frozen=True)
class Plan:
    """What the environment and .env ask of `make run`; an empty value asks for nothing."""

    var_dir: Path
    debug: bool
    port: int
    sandbox_port: int
    uses_sandbox: bool

    def environment(self) -> dict[str, str]:
        """Handed on to the programs it starts, whose own defaults are those of a public server."""
        own = {"VAR_DIR": str(self.var_dir), "DEBUG": str(self.debug), "PORT": str(self.port)}
        if not self.uses_sandbox:
            return own
        return own | sandbox_settings(f"http://127.0.0.1:{self.sandbox_port}")


def main() -> None:
    plan = read_plan()
    os.environ.update(plan.environment())
    plan.var_dir.mkdir(parents=True, exist_ok=True)
    commands, stripe = [shop_command(plan.port), RECONCILER], "with your keys"
    refuse_busy_port(plan.port)
    if plan.uses_sandbox:
        refuse_busy_port(plan.sandbox_port)
        commands.insert(0, sandbox_command(plan.sandbox_port, plan.port))
        stripe = f"http://127.0.0.1:{plan.sandbox_port}/_sandbox/ (local, no money moves)"
    prepare_database()
    password = prepare_admin(plan.var_dir / "admin-password")
    if not plan.debug:  # only a shop in DEBUG finds its static files where they were written
        manage("collectstatic", "--noinput", "-v0")
    run_together(commands, port=plan.port, greeting=greeting(plan.port, password, stripe))


def prepare() -> None:
    """For compose.override.yaml: all but the running."""
    prepare_database()
    password = prepare_admin(read_plan().var_dir / "admin-password")
    print(f"Admin: admin / {password}", flush=True)


def read_plan() -> Plan:
    env = Environment(ROOT / ".env")
    return Plan(
        var_dir=Path(env.str("VAR_DIR", default=str(ROOT / "var"))),
        debug=env.boolean("DEBUG", default=True),
        port=env.port("PORT", default=8000),
        sandbox_port=env.port("SANDBOX_PORT", default=8421),
        uses_sandbox=not any(name.startswith("STRIPE_SECRET_KEY") for name in env.ENVIRON),
    )


def sandbox_settings(address: str) -> dict[str, str]:
    """The keys of two accounts at the local Stripe: one for euros, one for everything else."""
    return {
        "STRIPE_CURRENCIES": "USD,EUR",
        "STRIPE_API_BASE": address,
        "STRIPE_JS_URL": f"{address}/v3/",
        **{f"STRIPE_{name}": f"{prefix}minicart" for name, prefix in SANDBOX_PREFIXES.items()},
        **{f"STRIPE_{name}_EUR": f"{prefix}minieuro" for name, prefix in SANDBOX_PREFIXES.items()},
    }


SANDBOX_PREFIXES = {
    "SECRET_KEY": "sk_test_",
    "PUBLISHABLE_KEY": "pk_test_",
    "WEBHOOK_SECRET": "whsec_",
}


RECONCILER = [
    *(sys.executable, str(ROOT / "manage.py"), "reconcile_payments"),
    *("--every", "5m", "-v0"),
]


def shop_command(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "project.asgi:application"),
        *("--host", "127.0.0.1", "--port", str(port), "--lifespan", "off"),
        *("--log-level", "warning", "--timeout-keep-alive", "75"),
    ]


def sandbox_command(sandbox_port: int, port: int) -> list[str]:
    webhook = f"http://127.0.0.1:{port}/stripe/webhook"
    return [
        *(sys.executable, "-m", "stripe_sandbox"),
        *("--port", str(sandbox_port), "--webhook-url", webhook),
    ]


def refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"Port {port} is in use. Stop what runs there, or set PORT and SANDBOX_PORT.")


def prepare_database() -> None:
    """Tables, and sample items where there are none."""
    for command in ("migrate -v0", "seed_catalogue --if-empty"):
        manage(*command.split())


def prepare_admin(password_file: Path) -> str:
    """Makes sure that there is an admin user; returns the password in the file, "" without a file.

    The database alone says whether there is one. The password is written down before its user is
    created, so that a start that breaks off in between is simply done again.
    """
    written = password_file.read_text().strip() if password_file.exists() else ""
    if has_admin():
        return written
    password = written or secrets.token_urlsafe(12)
    password_file.touch(mode=0o600)
    password_file.chmod(0o600)
    password_file.write_text(password + "\n")
    user = ("--username", "admin", "--email", "admin@shop.example")
    manage("createsuperuser", "--noinput", *user, env={"DJANGO_SUPERUSER_PASSWORD": password})
    return password


# Somebody else's user named admin is not to be promoted, and leaves no room for ours.
HAS_ADMIN = """
from django.contrib.auth.models import User
from django.db.models import Q
print(User.objects.filter(Q(is_superuser=True) | Q(username="admin")).exists())
"""


def has_admin() -> bool:
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "-v0", "-c", HAS_ADMIN]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip() == "True"


def manage(*arguments: str, env: Mapping[str, str] | None = None) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env={**os.environ, **(env or {})}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def greeting(port: int, password: str, stripe: str) -> str:
    login = f"admin / {password}" if password else "your own password"
    return f"""
  Shop     http://localhost:{port}
  Admin    http://localhost:{port}/admin/   ({login})
  Stripe   {stripe}

  Ctrl-C stops it."""


def run_together(commands: list[list[str]], *, port: int, greeting: str) -> None:
    """Runs all until one ends or Ctrl-C comes, then stops the others."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    children = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    try:
        wait_for(port, children)
        print(greeting, flush=True)
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
    except KeyboardInterrupt:
        print("\nStopping.", flush=True)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()
    if any(child.returncode not in (0, -signal.SIGTERM, -signal.SIGINT) for child in children):
        sys.exit("One of the programs ended by itself; its last lines are above.")


def wait_for(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_listening(port):
        if time.monotonic() > deadline or any(child.poll() is not None for child in children):
            sys.exit("The shop did not start; its last lines are above.")
        time.sleep(0.1)


def is_listening(port: int | str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


if __name__ == "__main__":
    main()
