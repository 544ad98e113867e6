"""Send requests to a server with wrk, and check the status of each response."""

import json
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# wrk ends before its duration only when it gets this signal, and prints its results then, too.
END_EARLY = signal.SIGINT
SCRIPT = Path(__file__).with_name("send.lua")
AT_MOST_SECONDS = 1200
TIMEOUT_SECONDS = 60


class WrongAnswer(Exception):
    """A response had another status than expected, or there were too few."""


def per_second(
    port: int,
    requests: Sequence[bytes],
    *,
    statuses: Sequence[int] = (200,),
    connections: int = 16,
    seconds: float = 3,
    count: int = 0,
) -> float:
    """Send the requests in turn, and return how many were answered a second.

    It takes at least so many seconds and `count` responses (by default two for each connection).
    The first response to each connection isn't measured, because all of them are late.
    Raises WrongAnswer.
    """
    with tempfile.NamedTemporaryFile(prefix="minicart-bench-") as file:
        file.write(b"\0".join(requests))
        file.flush()
        command = ["wrk", "--threads=1", f"--connections={connections}"]
        command += [f"--duration={AT_MOST_SECONDS}s", f"--timeout={TIMEOUT_SECONDS}s"]
        command += [f"--script={SCRIPT}", f"http://127.0.0.1:{port}", "--", file.name]
        for number in (connections, seconds, count or 2 * connections, *statuses):
            command.append(str(number))
        measured = _run(command)
    if wrong := measured["unexpected"] or measured["errors"]:
        raise WrongAnswer(f"{requests[0].decode().splitlines()[0]}: {wrong}")
    return float(measured["measured"] / measured["seconds"])


def _run(command: list[str]) -> dict[str, Any]:
    """Run wrk, and read what the script prints at its end."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrk:
        assert wrk.stdout
        line = ""
        try:
            for line in wrk.stdout:
                if line == "OVER\n":
                    wrk.send_signal(END_EARLY)
        finally:
            wrk.kill()
    if not line.startswith("{"):
        raise WrongAnswer("wrk has failed and says why above")
    measured: dict[str, Any] = json.loads(line)
    return measured
