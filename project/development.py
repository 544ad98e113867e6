"""`make run`: prepares the database, then runs the shop, its worker and the local Stripe.

The shop and its worker are started again when their files change. The local Stripe isn't, because
it keeps its payments in memory; it is left out where Stripe keys are set.
"""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from project.environment import Environment
from project.mail import FILES
from project.programs import ROOT, run_together


@dataclass(frozen=True)
class Plan:
    """The settings of `make run`, from the environment and .env."""

    var_dir: Path
    debug: bool
    port: int
    sandbox_port: int
    uses_sandbox: bool
    sends_mail: bool

    @property
    def mail_dir(self) -> Path:
        """Where mails land that are not sent by a server."""
        return self.var_dir.absolute() / "mail"

    def environment(self) -> dict[str, str]:
        """Variables for the programs that it starts: their defaults are for a public server."""
        own = {"VAR_DIR": str(self.var_dir), "DEBUG": str(self.debug), "PORT": str(self.port)}
        if not self.sends_mail:
            own["EMAIL_URL"] = f"{FILES}{self.mail_dir}"
        if not self.uses_sandbox:
            return own
        return own | sandbox_settings(f"http://127.0.0.1:{self.sandbox_port}")


def main() -> None:
    exit_on_signals()
    plan = read_plan()
    os.environ.update(plan.environment())
    plan.var_dir.mkdir(parents=True, exist_ok=True)
    lasting, stripe = [], "with your keys"
    require_free_port(plan.port)
    if plan.uses_sandbox:
        require_free_port(plan.sandbox_port)
        lasting = [sandbox_command(plan.sandbox_port, plan.port)]
        stripe = f"http://127.0.0.1:{plan.sandbox_port}/_sandbox/ (local, no money moves)"
    manage("prepare")
    password = admin_password(plan.var_dir)
    if not plan.debug:  # with DEBUG, the shop serves the files in static/
        manage("collectstatic", "--noinput", "-v0")
    run_together(
        lasting,
        reloaded=[shop_command(plan.port), WORKER],
        port=plan.port,
        greeting=greeting(plan, password, stripe),
    )


def prepare() -> None:
    """Prepare the database and the admin user, for compose.override.yaml."""
    manage("prepare")
    print(f"Admin: admin / {admin_password(read_plan().var_dir)}", flush=True)


def read_plan() -> Plan:
    env = Environment(ROOT / ".env")
    return Plan(
        var_dir=Path(env.str("VAR_DIR", default=str(ROOT / "var"))),
        debug=env.boolean("DEBUG", default=True),
        port=env.port("PORT", default=8000),
        sandbox_port=env.port("SANDBOX_PORT", default=8421),
        uses_sandbox=not any(name.startswith("STRIPE_SECRET_KEY") for name in env.ENVIRON),
        sends_mail=bool(env.str("EMAIL_URL", default="")),
    )


def sandbox_settings(address: str) -> dict[str, str]:
    """The keys of two accounts at the local Stripe: one for euros, one for everything else."""
    return {
        "STRIPE_CURRENCIES": "USD,EUR",
        "STRIPE_API_BASE": address,
        # Another origin than the API's, as at Stripe. Browsers know every name under localhost.
        "STRIPE_JS_URL": f"{address.replace('127.0.0.1', 'js.localhost')}/v3/",
        **{f"STRIPE_{name}": f"{prefix}minicart" for name, prefix in SANDBOX_PREFIXES.items()},
        **{f"STRIPE_{name}_EUR": f"{prefix}minieuro" for name, prefix in SANDBOX_PREFIXES.items()},
    }


SANDBOX_PREFIXES = {
    "SECRET_KEY": "sk_test_",
    "PUBLISHABLE_KEY": "pk_test_",
    "WEBHOOK_SECRET": "whsec_",
}


WORKER = [sys.executable, str(ROOT / "manage.py"), "worker"]


def shop_command(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "project.asgi:application"),
        *("--host", "127.0.0.1", "--port", str(port), "--lifespan", "off"),
        *("--log-level", "warning", "--timeout-keep-alive", "75"),
        # Otherwise uvicorn reads WEB_CONCURRENCY, and an empty one is an error.
        *("--workers", "1"),
    ]


def sandbox_command(sandbox_port: int, port: int) -> list[str]:
    webhook = f"http://127.0.0.1:{port}/stripe/webhook"
    return [
        *(sys.executable, "-m", "stripe_sandbox"),
        *("--port", str(sandbox_port), "--webhook-url", webhook),
    ]


def require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(
                f"Port {port} is in use. Stop the program that uses it,"
                " or set PORT and SANDBOX_PORT."
            )


def admin_password(var_dir: Path) -> str:
    """What `manage.py prepare` has written, "" if it created no admin user."""
    file = var_dir / "admin-password"
    return file.read_text().strip() if file.exists() else ""


def manage(*arguments: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def greeting(plan: Plan, password: str, stripe: str) -> str:
    mail = "sent as EMAIL_URL says" if plan.sends_mail else f"{plan.mail_dir}/ (one file each)"
    login = f"admin / {password}" if password else "your own password"
    return f"""
  Shop     http://localhost:{plan.port}
  Admin    http://localhost:{plan.port}/admin/   ({login})
  Stripe   {stripe}
  Mail     {mail}

  Ctrl-C stops it."""


def exit_on_signals() -> None:
    """Exit during the preparation; `subprocess.run` then kills the command it waits for."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit("Stopped."))


if __name__ == "__main__":
    main()
