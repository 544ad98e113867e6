"""Which parameters exist, and of which type, read from the parameter types of the `stripe` library.

A list kept by hand would fall behind the installed library. Its types are parsed from source,
because `typing.get_type_hints` can't resolve them.
"""

import ast
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

SCALARS = {
    "str": "string",
    "int": "integer",
    "bool": "boolean",
    "float": "decimal",
    "Decimal": "decimal",
}


@dataclass(frozen=True)
class Shape:
    """The type of a parameter. `choices` are the values that the library lists for an enum."""

    kind: str
    fields: "dict[str, Shape]" = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: "tuple[Shape, ...]" = ()  # one for an array or a map, several for a union
    choices: tuple[str, ...] = ()
    may_be_empty: bool = False


@cache
def library() -> Path:
    """The folder of the installed `stripe` library."""
    spec = find_spec("stripe")
    if spec is None or spec.origin is None:
        raise RuntimeError("The local Stripe needs the `stripe` library to be installed.")
    return Path(spec.origin).parent


@cache
def api_version() -> str:
    """The API version that the installed library sends."""
    for node in ast.walk(ast.parse((library() / "_api_version.py").read_text())):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CURRENT":
            return str(ast.literal_eval(node.value))
    raise RuntimeError("Can't find the API version of the installed `stripe` library.")


@cache
def parameters(module: str, name: str) -> Shape:
    """The parameters of a call, by module and class of the library:
    `parameters("checkout/_session_create_params", "SessionCreateParams")`."""
    source = (library() / "params" / f"{module}.py").read_text()
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    return _object(name, classes)


def _object(name: str, classes: dict[str, ast.ClassDef]) -> Shape:
    fields: dict[str, Shape] = {}
    required: set[str] = set()
    for line in classes[name].body:
        if not isinstance(line, ast.AnnAssign):
            continue
        key, annotation = ast.unparse(line.target), _unquoted(line.annotation)
        if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "NotRequired":
            annotation = annotation.slice
        else:
            required.add(key)
        fields[key] = _shape(annotation, classes)
    return Shape("object", fields, frozenset(required))


def _shape(annotation: ast.expr, classes: dict[str, ast.ClassDef]) -> Shape:
    annotation = _unquoted(annotation)
    members = _members(annotation)
    if len(members) > 1:
        return _union(members, classes)
    if isinstance(annotation, ast.Name):
        if annotation.id in SCALARS:
            return Shape(SCALARS[annotation.id])
        return _object(annotation.id, classes)
    if isinstance(annotation, ast.Subscript):
        return _generic(annotation, classes)
    raise TypeError(f"Can't read the parameter type {ast.unparse(annotation)!r}")


def _generic(annotation: ast.Subscript, classes: dict[str, ast.ClassDef]) -> Shape:
    match ast.unparse(annotation.value):
        case "List":
            return Shape("array", items=(_shape(annotation.slice, classes),))
        case "Dict" if isinstance(annotation.slice, ast.Tuple):
            return Shape("map", items=(_shape(annotation.slice.elts[1], classes),))
        case "Literal":
            return Shape("string", choices=_choices(annotation))
    raise TypeError(f"Can't read the parameter type {ast.unparse(annotation)!r}")


def _union(members: list[ast.expr], classes: dict[str, ast.ClassDef]) -> Shape:
    literals = [m for m in members if _is(m, "Literal")]
    others = [m for m in members if not _is(m, "Literal") and not _is(m, "UntypedStripeObject")]
    listed = [choice for member in literals for choice in _choices(member)]
    choices = tuple(choice for choice in listed if choice)
    may_be_empty = "" in listed
    # `Literal["a"]|str` is an enum that may grow later; today only the listed values are valid.
    shapes = [Shape("string")] if not others else [_shape(other, classes) for other in others]
    if len(shapes) > 1:
        return Shape("either", items=tuple(shapes), may_be_empty=may_be_empty)
    [only] = shapes
    return Shape(only.kind, only.fields, only.required, only.items, choices, may_be_empty)


def _members(annotation: ast.expr) -> list[ast.expr]:
    annotation = _unquoted(annotation)
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _members(annotation.left) + _members(annotation.right)
    if isinstance(annotation, ast.Subscript) and _is(annotation, "Union"):
        assert isinstance(annotation.slice, ast.Tuple)
        return [inner for member in annotation.slice.elts for inner in _members(member)]
    return [annotation]


def _choices(literal: ast.expr) -> tuple[str, ...]:
    assert isinstance(literal, ast.Subscript)
    value = ast.literal_eval(literal.slice)
    return value if isinstance(value, tuple) else (value,)


def _is(annotation: ast.expr, name: str) -> bool:
    return isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == name


def _unquoted(annotation: ast.expr) -> ast.expr:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode="eval").body
    return annotation
