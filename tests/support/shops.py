"""The shop as `make run` starts it, as real processes with a folder for their files."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import field_report
from tests.support.django_shell import DjangoShell, open_shell
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.processes import Program

# All buyers of a test have one address.
NO_LIMITS = dict.fromkeys(
    (
        *("BUY_RATE_LIMIT", "WRITE_RATE_LIMIT", "CODE_RATE_LIMIT", "LOGIN_RATE_LIMIT"),
        *("HELD_PIECES_PER_ADDRESS", "OPEN_ATTEMPTS_PER_ADDRESS"),
    ),
    "0",
)


@dataclass(frozen=True)
class Shop:
    address: str
    local_stripe: LocalStripe
    greeting: str
    var_dir: Path
    environment: dict[str, str]
    shell: DjangoShell

    def run_python(self, code: str) -> str:
        """Runs `code` in this shop's Django, for what a test needs in its database."""
        return self.shell.run(code)


@contextmanager
def running_shop(var_dir: Path, **environment: str) -> Iterator[Shop]:
    """A shop without the sample shipping rates: tests that want shipping add their own."""
    port, sandbox_port = free_port(), free_port()
    own = {
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(var_dir),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "PATH": os.environ["PATH"],
        **NO_LIMITS,
        **field_report.variables(),
    } | environment
    var_dir.mkdir(exist_ok=True)
    log = var_dir / f"make-run-{port}.log"
    command = [sys.executable, "-m", "project.development"]
    local_stripe = LocalStripe(f"http://127.0.0.1:{sandbox_port}")
    inside = own | {"DEBUG": "True"}
    with Program(command, own, log) as program, local_stripe, open_shell(inside) as shell:
        program.wait_until(lambda: "Ctrl-C" in program.printed())
        address, greeting = f"http://localhost:{port}", program.printed()
        shell.run("from cart.models import ShippingRate; ShippingRate.objects.all().delete()")
        yield Shop(address, local_stripe, greeting, var_dir, inside, shell)
        assert program.stop(signal.SIGINT) == 0, program.printed()
