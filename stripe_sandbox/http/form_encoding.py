"""Stripe's form notation: `line_items[0][price_data][currency]=usd`."""

import re
from urllib.parse import parse_qsl

from stripe_sandbox.http.errors import StripeError

type Tree = str | dict[str, Tree]

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")


def decode(text: str) -> dict[str, Tree]:
    """The form as nested dictionaries. Raises `StripeError` for a contradictory form.

    Arrays become dictionaries keyed by index, because only the type of a parameter tells whether
    `[0]` is an index or a name.
    """
    tree: dict[str, Tree] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _place(tree, name, value)
    return tree


def _place(tree: dict[str, Tree], name: str, value: str) -> None:
    *parents, last = _keys(name)
    branch = tree
    for key in parents:
        child = branch.setdefault(_next_key(branch, key), {})
        if isinstance(child, str):
            raise StripeError(f"Invalid object: {name}", param=name)
        branch = child
    last = _next_key(branch, last)
    if isinstance(branch.get(last), dict):
        raise StripeError(f"Invalid object: {name}", param=name)
    branch[last] = value


def _keys(name: str) -> list[str]:
    match = _NAME.fullmatch(name)
    if match is None:
        return [name]
    return [match[1], *_KEY.findall(match[2])]


def _next_key(branch: dict[str, Tree], key: str) -> str:
    """Number the elements of `expand[]=a&expand[]=b`."""
    return key or str(len(branch))


def join(name: str, key: str) -> str:
    """The form name of a nested parameter: `metadata[order]`."""
    return f"{name}[{key}]" if name else key
