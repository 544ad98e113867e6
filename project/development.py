"""`make run`: prepares the database, runs the shop and, where no keys are set, the local Stripe."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


def main() -> None:
    environ.Env.read_env(os.environ.get("ENV_FILE", ROOT / ".env"))  # the environment goes first
    var_dir = Path(os.environ.setdefault("VAR_DIR", str(ROOT / "var")))
    var_dir.mkdir(exist_ok=True)
    os.environ.setdefault("DEBUG", "True")
    port = os.environ.setdefault("PORT", "8000")
    sandbox_port = os.environ.setdefault("SANDBOX_PORT", "8421")
    uses_sandbox = not any(
        name.startswith("STRIPE_SECRET_KEY") and value for name, value in os.environ.items()
    )
    if uses_sandbox:
        os.environ.update(sandbox_settings(f"http://127.0.0.1:{sandbox_port}"))
    for busy in [port, sandbox_port] if uses_sandbox else [port]:
        refuse_busy_port(busy)
    password = prepare_database(var_dir / "admin-password")
    commands = [shop_command(port)]
    if uses_sandbox:
        commands.insert(0, sandbox_command(sandbox_port, port))
    address = f"http://127.0.0.1:{sandbox_port}/_sandbox/ (local, no money moves)"
    hello = greeting(port, password, address if uses_sandbox else "with your keys")
    run_together(commands, port=port, greeting=hello)


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


def shop_command(port: str) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "project.asgi:application"),
        *("--host", "127.0.0.1", "--port", port, "--lifespan", "off", "--log-level", "warning"),
    ]


def sandbox_command(sandbox_port: str, port: str) -> list[str]:
    webhook = f"http://127.0.0.1:{port}/stripe/webhook"
    return [
        *(sys.executable, "-m", "stripe_sandbox"),
        *("--port", sandbox_port, "--webhook-url", webhook),
    ]


def refuse_busy_port(port: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            sys.exit(f"Port {port} is in use. Stop what runs there, or set PORT and SANDBOX_PORT.")


def prepare_database(password_file: Path) -> str:
    """Tables, sample items where there are none, and an admin user, whose password it returns."""
    for command in ("migrate -v0", "createcachetable", "seed_catalogue --if-empty"):
        manage(*command.split())
    if not password_file.exists():
        password = secrets.token_urlsafe(12)
        user = ("--username", "admin", "--email", "admin@shop.example")
        manage("createsuperuser", "--noinput", *user, env={"DJANGO_SUPERUSER_PASSWORD": password})
        with open(os.open(password_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(password + "\n")
    return password_file.read_text().strip()


def manage(*arguments: str, env: Mapping[str, str] | None = None) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env={**os.environ, **(env or {})}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def greeting(port: str, password: str, stripe: str) -> str:
    return f"""
  Shop     http://localhost:{port}
  Admin    http://localhost:{port}/admin/   (admin / {password})
  Stripe   {stripe}

  Ctrl-C stops it."""


def run_together(commands: list[list[str]], *, port: str, greeting: str) -> None:
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


def wait_for(port: str, children: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_listening(port):
        if time.monotonic() > deadline or any(child.poll() is not None for child in children):
            sys.exit("The shop did not start; its last lines are above.")
        time.sleep(0.1)


def is_listening(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


if __name__ == "__main__":
    main()
