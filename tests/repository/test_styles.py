"""The shop's own style sheets have only rules for something that is in its pages."""

import re
from pathlib import Path

import pytest

from project.static_files import BUNDLES

ROOT = Path(__file__).resolve().parents[2]
SHEETS = [part for parts in BUNDLES.values() for part in parts if part.endswith(".css")]
SHEETS += ["css/cart.css"]
NAME = re.compile(r"[.#]([a-z][\w-]*)(?=[^{};]*\{)")  # a class or an id in a selector
PAGES = "".join(
    path.read_text()
    for folder, ending in (("templates", "html"), ("static/js", "js"))
    for path in (ROOT / folder).rglob(f"*.{ending}")
)


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_class_and_id_is_used(sheet: str) -> None:
    css = re.sub(r"/\*.*?\*/", "", (ROOT / "static" / sheet).read_text(), flags=re.DOTALL)
    names = set(NAME.findall(css))
    unused = {name for name in names if not re.search(rf"(?<![\w-]){name}(?![\w-])", PAGES)}
    assert unused == set()
