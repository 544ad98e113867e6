import functools
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


@functools.cache
def version() -> str:
    """The shop's version, from [project] in pyproject.toml."""
    number: str = tomllib.loads(PYPROJECT.read_text())["project"]["version"]
    return number
