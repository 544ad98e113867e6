import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import processes


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stripe_sandbox", *arguments]
    return processes.run(command, os.environ)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "shop.example"])
def test_listens_on_this_machine_only(host: str) -> None:
    finished = run("--port", "0", "--host", host)
    assert finished.returncode != 0
    assert "listens on this machine only" in finished.stderr


def test_container_keeps_the_address_of_the_browser(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "stripe_sandbox", "--port", "0", "--in-container"]
    with processes.Program(command, os.environ, tmp_path / "log") as program:
        program.wait_until(lambda: "\n" in program.printed())
        assert program.printed().startswith("Local Stripe on http://127.0.0.1:")


def test_reports_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        finished = run("--port", str(taken.getsockname()[1]))
    assert finished.returncode != 0
    assert "Can't listen on 127.0.0.1:" in finished.stderr
