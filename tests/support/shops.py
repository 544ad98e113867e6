"""The shop as `make run` starts it, as real processes in a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Shop:
    address: str
    local_stripe: LocalStripe
    greeting: str
    var_dir: Path
    environment: dict[str, str]

    def run_python(self, code: str) -> str:
        """Runs `code` in this shop's `manage.py shell`: what a test needs in its database."""
        return manage(self.environment, "shell", "-v0", "-c", code)


def manage(environment: dict[str, str], *arguments: str) -> str:
    """What a command of the shop with this environment prints."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@contextmanager
def running_shop(var_dir: Path, **environment: str) -> Iterator[Shop]:
    port, sandbox_port = free_port(), free_port()
    own = {
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(var_dir),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "PATH": os.environ["PATH"],
        "BUY_RATE_LIMIT": "100000",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "project.development"],
        cwd=ROOT,
        env=own | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    local_stripe = LocalStripe(f"http://127.0.0.1:{sandbox_port}")
    try:
        greeting = _read_greeting(process)
        shop_environment = own | environment | {"DEBUG": "True"}
        yield Shop(f"http://localhost:{port}", local_stripe, greeting, var_dir, shop_environment)
    finally:
        local_stripe.close()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 0


def _read_greeting(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            return "".join(lines)
    raise AssertionError("the shop did not start: " + "".join(lines))
