"""Reads the settings with other variables, each time in a new process.

The process is forked from one that has imported Django already, which takes most of the time.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

from tests.support.processes import ROOT

# Forks for each line of its input. The child runs the code as `python -c` would.
PROGRAM = """
import json, os, sys
from project import content_policy, databases, environment, error_reports, logs, mail, stripe_keys
from store import money
for line in sys.stdin:
    wanted = json.loads(line)
    child = os.fork()
    if child == 0:
        os.environ.clear()
        os.environ.update(wanted["environment"])
        for number, path in enumerate(wanted["files"], start=1):
            os.dup2(os.open(path, os.O_WRONLY), number)
        exec(wanted["code"])
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class SettingsReader:
    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run `code`, with these variables only, in a new process."""
        assert self._process.stdin
        assert self._process.stdout
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("stdout", "stderr")]
            for file in files:
                file.touch()
            wanted = {"code": code, "environment": environment, "files": [*map(str, files)]}
            print(json.dumps(wanted), file=self._process.stdin, flush=True)
            status = int(self._process.stdout.readline())
            return subprocess.CompletedProcess(code, status, *(file.read_text() for file in files))
