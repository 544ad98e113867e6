"""The file to which every local Stripe of the tests writes the fields that Stripe wouldn't send."""

import os
from pathlib import Path

VARIABLE = "STRIPE_SANDBOX_FIELD_REPORT"


def begin(folder: Path) -> None:
    """Name an empty file in `folder` for all local Stripes that are started after this."""
    report = folder / "fields.txt"
    report.touch()
    os.environ[VARIABLE] = str(report)


def variables() -> dict[str, str]:
    """The variable for programs that don't inherit the environment of the tests."""
    return {VARIABLE: os.environ[VARIABLE]} if VARIABLE in os.environ else {}


def differences() -> list[str]:
    """Object and field, with the last call or event that had it."""
    lines = Path(os.environ[VARIABLE]).read_text().splitlines()
    causes = {
        difference: cause for cause, _, difference in (line.partition(": ") for line in lines)
    }
    return [f"{difference} ({cause})" for difference, cause in causes.items()]
