"""The documents show the layers that import-linter checks, and name code that exists."""

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "architecture.md").read_text()
WORDS = (ROOT / "docs" / "words.md").read_text()
DRAWINGS = [drawing.strip().splitlines() for drawing in DOCUMENT.split("```")[1::2]]
NAMES = set(
    re.findall(r"`((?:web|store|cart|payments|notifications|project)\.[\w.]+)`", DOCUMENT + WORDS)
)


def contract(name: str) -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each["name"] == name)
    return [str(layer) for layer in layers]


def test_shows_the_layers_of_the_apps() -> None:
    drawn = [line.split()[0] for line in DRAWINGS[0]]
    assert drawn == contract("A lower layer never knows the one above it")


def test_shows_the_layers_of_payments() -> None:
    assert DRAWINGS[1] == contract("The modules of payments import only lower ones")


def test_tells_three_flows_in_at_most_ten_steps() -> None:
    flows = DOCUMENT.split("\n## ")[2:]
    assert [flow.split("\n")[0] for flow in flows] == ["A press of Buy", "An event", "A refund"]
    for flow in flows:
        assert 5 <= len(re.findall(r"^\d+\. ", flow, re.MULTILINE)) <= 10


def found(path: str) -> Any:
    """The module, class, function or method of this dotted path."""
    module = path
    names: list[str] = []
    while True:
        try:
            thing = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _dot, name = module.rpartition(".")
            names.insert(0, name)
    for name in names:
        thing = getattr(thing, name)
    return thing


@pytest.mark.parametrize("path", sorted(NAMES))
def test_names_code_that_exists(path: str) -> None:
    assert found(path)
