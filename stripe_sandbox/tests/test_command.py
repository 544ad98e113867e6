import socket
import subprocess
import sys

import pytest

from stripe_sandbox.tests.conftest import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stripe_sandbox", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "shop.example"])
def test_listens_on_this_machine_only(host: str) -> None:
    finished = run("--port", "0", "--host", host)
    assert finished.returncode != 0
    assert "listens on this machine only" in finished.stderr


def test_container_keeps_the_address_of_the_browser() -> None:
    command = [sys.executable, "-m", "stripe_sandbox", "--port", "0", "--in-container"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        assert started.stdout.readline().startswith("Local Stripe on http://127.0.0.1:")
        started.terminate()


def test_reports_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        finished = run("--port", str(taken.getsockname()[1]))
    assert finished.returncode != 0
    assert "Can't listen on 127.0.0.1:" in finished.stderr
