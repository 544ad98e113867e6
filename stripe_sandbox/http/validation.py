"""Converts a decoded form to typed parameters, and refuses what Stripe would refuse."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from stripe_sandbox.http.errors import StripeError, missing
from stripe_sandbox.http.form_encoding import Tree, join
from stripe_sandbox.http.parameter_types import Shape

type Params = dict[str, Any]

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?")


def check(tree: dict[str, Tree], shape: Shape) -> Params:
    """The typed parameters. Raises `StripeError` for the first error."""
    unknown = list(_unknown(tree, shape, ""))
    if "payment_method_types" in unknown:
        raise _payment_method_types()
    if unknown:
        word = "parameter" if len(unknown) == 1 else "parameters"
        raise StripeError(
            f"Received unknown {word}: {', '.join(unknown)}",
            param=unknown[0],
            code="parameter_unknown",
        )
    params: Params = _typed(tree, shape, "")
    return params


class Node(NamedTuple):
    """A parameter that was sent, at any depth."""

    path: str  # line_items.price_data.currency
    name: str  # line_items[0][price_data][currency]
    value: Any


def walk(value: Any, path: str = "", name: str = "") -> Iterator[Node]:
    """Every parameter that was sent, outer ones first. Metadata counts as one value."""
    if path:
        yield Node(path, name, value)
    if isinstance(value, dict) and not is_metadata(path):
        for key, inner in value.items():
            yield from walk(inner, f"{path}.{key}" if path else key, join(name, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            if isinstance(inner, dict):
                for key, deeper in inner.items():
                    yield from walk(deeper, f"{path}.{key}", f"{name}[{position}][{key}]")


def is_metadata(path: str) -> bool:
    return path.rpartition(".")[2] == "metadata"


def _payment_method_types() -> StripeError:
    return StripeError(
        "The `payment_method_types` parameter is no longer supported. Remove "
        "it: payment methods are chosen in the Dashboard, `allowed_payment_method_types` filters "
        "them.",
        param="payment_method_types",
        code="payment_method_types_no_longer_supported",
    )


def _unknown(value: Tree, shape: Shape, name: str) -> Iterator[str]:
    if isinstance(value, str):
        return
    shape = _pick(value, shape)
    for key, inner in value.items():
        if shape.kind == "object" and key in shape.fields:
            yield from _unknown(inner, shape.fields[key], join(name, key))
        elif shape.kind == "object":
            yield join(name, key)
        elif shape.kind in ("array", "map"):
            yield from _unknown(inner, shape.items[0], join(name, key))


def _pick(value: Tree, shape: Shape) -> Shape:
    """Choose the type of a union that fits the value."""
    if shape.kind != "either":
        return shape
    containers = ("object", "array", "map")
    fitting = [each for each in shape.items if (each.kind in containers) == isinstance(value, dict)]
    return fitting[0] if fitting else shape.items[0]


def _typed(value: Tree, shape: Shape, name: str) -> Any:
    shape = _pick(value, shape)
    if value == "" and not shape.may_be_empty:
        raise _empty(name)
    if isinstance(value, str):
        return value if value == "" else _scalar(value, shape, name)
    match shape.kind:
        case "object":
            return _object(value, shape, name)
        case "map":
            inner = shape.items[0]
            return {
                key: _typed(each, inner, join(name, key)) for key, each in value.items() if each
            }
        case "array":
            return _array(value, shape, name)
    raise StripeError(f"Invalid {shape.kind}: {value}", param=name)


def _object(value: dict[str, Tree], shape: Shape, name: str) -> Params:
    for key in sorted(shape.required - value.keys()):
        raise missing(join(name, key))
    return {key: _typed(inner, shape.fields[key], join(name, key)) for key, inner in value.items()}


def _array(value: dict[str, Tree], shape: Shape, name: str) -> list[Any]:
    if not all(re.fullmatch("[0-9]{1,6}", key) for key in value):
        raise StripeError("Invalid array", param=name)
    return [_typed(value[key], shape.items[0], join(name, key)) for key in sorted(value, key=int)]


def _scalar(value: str, shape: Shape, name: str) -> Any:
    match shape.kind:
        case "integer":
            return _integer(value, name)
        case "boolean":
            return _boolean(value, name)
        case "decimal":
            return _decimal(value, name)
        case "string":
            return _choice(value, shape, name)
    raise StripeError("Invalid array" if shape.kind == "array" else "Invalid object", param=name)


def _integer(value: str, name: str) -> int:
    if not _INTEGER.fullmatch(value):
        raise StripeError(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
    return int(value)


def _boolean(value: str, name: str) -> bool:
    if value not in ("true", "false"):
        raise StripeError(f"Invalid boolean: {value}", param=name)
    return value == "true"


def _decimal(value: str, name: str) -> Decimal:
    if not _DECIMAL.fullmatch(value):
        raise StripeError(
            f"Invalid decimal: {value}; must contain at maximum 12 decimal places.", param=name
        )
    return Decimal(value)


def _choice(value: str, shape: Shape, name: str) -> str:
    if shape.choices and value not in shape.choices:
        *most, last = shape.choices
        allowed = f"{', '.join(most)}, or {last}" if most else last
        raise StripeError(f"Invalid {name}: must be one of {allowed}", param=name)
    return value


def _empty(name: str) -> StripeError:
    return StripeError(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset "
        f"a parameter; however '{name}' cannot be unset. You should remove '{name}' from your "
        "request or supply a non-empty value.",
        param=name,
        code="parameter_invalid_empty",
    )
