"""The configuration that the control address can read and change."""

from dataclasses import asdict
from types import NoneType
from typing import Any

from stripe_sandbox.faults.calls import CallFault
from stripe_sandbox.faults.chance import is_number, read_all
from stripe_sandbox.faults.events import EventFault
from stripe_sandbox.lifecycle.refunds import REFUND_MODES
from stripe_sandbox.state import Sandbox

CONFIGURABLE: dict[str, tuple[type, ...]] = {
    "webhook_url": (str, NoneType),
    "webhooks": (bool,),
    "latency": (int, float),
    "redirect_wait": (int, float),
    "delayed_seconds": (int, float, NoneType),
    "clock_ahead": (int,),
    "tax_rounding": (str,),
    "percent_rounding": (str,),
    "refunds": (str,),
    "terms_url": (str, NoneType),
    "permissions": (list,),
    "faults": (list,),
    "event_faults": (list,),
    "seed": (int,),
    "outage": (str, NoneType),
    "outage_seconds": (int, float),
}
ROUNDING_LEVELS = ("line", "sum")
CHOICES: dict[str, tuple[str | None, ...]] = {
    "tax_rounding": ROUNDING_LEVELS,
    "percent_rounding": ROUNDING_LEVELS,
    "refunds": REFUND_MODES,
    "outage": (None, "500", "hang"),
}
DELIVERY_SETTINGS = ("webhook_url", "webhooks")


def configure(sandbox: Sandbox, wanted: dict[str, Any]) -> None:
    """Apply all values. Raises `ValueError`, and changes nothing, if one is wrong."""
    for name, value in wanted.items():
        _check(name, value)
    values = dict(wanted)
    if "faults" in values:
        values["faults"] = read_all(CallFault, values["faults"])
    if "event_faults" in values:
        values["event_faults"] = read_all(EventFault, values["event_faults"])
    if "seed" in values:
        sandbox.reseed(values.pop("seed"))
    for name, value in values.items():
        setattr(sandbox.delivery if name in DELIVERY_SETTINGS else sandbox, name, value)


def configuration(sandbox: Sandbox) -> dict[str, Any]:
    values = {
        name: getattr(sandbox.delivery if name in DELIVERY_SETTINGS else sandbox, name)
        for name in CONFIGURABLE
    }
    lists = {name: [asdict(each) for each in values[name]] for name in ("faults", "event_faults")}
    return values | lists


def _check(name: str, value: Any) -> None:
    if name not in CONFIGURABLE:
        raise ValueError(f"Unknown setting `{name}`.")
    allowed = CONFIGURABLE[name]
    is_wrong_number = int in allowed and value is not None and not is_number(value)
    if not isinstance(value, allowed) or is_wrong_number:
        raise ValueError(f"`{name}` can't be {value!r}.")
    if name in CHOICES and value not in CHOICES[name]:
        choices = ", ".join(str(each) for each in CHOICES[name])
        raise ValueError(f"`{name}` must be one of {choices}.")
