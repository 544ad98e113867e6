"""Limits on the size of files and functions in the apps, without tests and migrations."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import ROOT

APPS = ("web", "store", "cart", "payments", "notifications", "project")
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 30
# Django finds these by their name.
SHARED_NAMES = {"Command", "Meta"}


def sources() -> Iterator[tuple[Path, str]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path.relative_to(ROOT), path.read_text()


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The number of lines from `def` to the end, without the docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def long_functions(source: str) -> list[str]:
    """The functions over the limit that have no comment directly above them."""
    lines, names = source.splitlines(), []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first_line = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        has_reason = lines[first_line - 2].lstrip().startswith("#")
        if length(node) > MAX_FUNCTION_LINES and not has_reason:
            names.append(f"{node.name}: {length(node)} lines")
    return names


def test_no_file_is_too_long() -> None:
    counts = {path: len(source.splitlines()) for path, source in sources()}
    assert len(counts) > 100
    assert {path: count for path, count in counts.items() if count > MAX_FILE_LINES} == {}


def test_no_function_is_too_long_without_a_reason() -> None:
    found = {path: long_functions(source) for path, source in sources()}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_long_function_is_found_unless_a_comment_is_above_it() -> None:
    body = "    pass\n" * MAX_FUNCTION_LINES
    assert long_functions(f"x = 1\n\n\n@a\ndef f():\n{body}") == ["f: 31 lines"]
    assert long_functions(f"# One table.\n@a\ndef f():\n{body}") == []
    assert long_functions(f'x = 1\n\n\ndef f():\n    """Two\n    lines."""\n{body[9:]}') == []


def test_no_two_classes_have_the_same_name() -> None:
    names = Counter(
        node.name
        for _path, source in sources()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
    )
    assert {name for name, count in names.items() if count > 1} <= SHARED_NAMES
