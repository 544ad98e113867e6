"""A `manage.py shell` that stays open, because each start of Django takes a second.

Run as a program, it reads code from its input and answers with what the code printed: a line of
JSON each.
"""

import io
import json
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout

from tests.support import process_groups


class DjangoShell:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, code: str) -> str:
        """Runs `code` and returns what it prints."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(code)}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert not answer["error"], answer["error"]
        return str(answer["printed"]).strip()


@contextmanager
def open_shell(environment: Mapping[str, str]) -> Iterator[DjangoShell]:
    """A shell in a shop with these environment variables."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.django_shell"],
        env={**environment, "DJANGO_SETTINGS_MODULE": "project.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        process_groups.watch(process.pid)
        try:
            yield DjangoShell(process)
        finally:
            process_groups.kill(process.pid)
            process.wait()
            process_groups.forget(process.pid)


def _answer_all() -> None:
    import django
    from django.core.management.commands.shell import Command
    from django.db import connections

    django.setup()
    for line in sys.stdin:
        printed, error = io.StringIO(), ""
        try:
            with redirect_stdout(printed):
                exec(json.loads(line), Command().get_namespace(verbosity=0))  # noqa: S102
        except Exception:
            error = traceback.format_exc()
        connections.close_all()
        answer = json.dumps({"printed": printed.getvalue(), "error": error})
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _answer_all()
