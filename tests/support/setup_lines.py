"""What `manage.py check_setup` says."""

from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The findings, ready or missing."""
    with suppress(CommandError):
        call_command("check_setup", no_color=True)
    return capsys.readouterr().out.splitlines()
