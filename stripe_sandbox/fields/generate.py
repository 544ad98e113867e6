"""Writes table.json from the types of npm `stripe`:

npm pack stripe@latest && tar xzf stripe-*.tgz
python -m stripe_sandbox.fields.generate package
"""

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

TABLE = Path(__file__).parent / "table.json"

# Only the objects that the local Stripe answers, by the file and the interface that describe them.
OBJECTS = {
    "charge": ("resources/Charges", "Charge"),
    "checkout.session": ("resources/Checkout/Sessions", "Session"),
    "coupon": ("resources/Coupons", "Coupon"),
    "coupon (deleted)": ("resources/Coupons", "DeletedCoupon"),
    "discount": ("resources/Discounts", "Discount"),
    "dispute": ("resources/Disputes", "Dispute"),
    "error": ("resources/PaymentIntents", "PaymentIntent.LastPaymentError"),
    "event": ("resources/Events", "EventBase"),
    "item": ("resources/LineItems", "LineItem"),
    "list": ("lib", "ApiList"),
    "payment_intent": ("resources/PaymentIntents", "PaymentIntent"),
    "payment_method": ("resources/PaymentMethods", "PaymentMethod"),
    "price": ("resources/Prices", "Price"),
    "product": ("resources/Products", "Product"),
    "radar.early_fraud_warning": ("resources/Radar/EarlyFraudWarnings", "EarlyFraudWarning"),
    "refund": ("resources/Refunds", "Refund"),
    "tax_rate": ("resources/TaxRates", "TaxRate"),
}

_BLOCK = re.compile(r"(?:export )?(?:declare )?(namespace|interface|class) (\w+)[^{]*\{(\})?$")
_FIELD = re.compile(r"(\w+)(\?)?: (.*?);?$")
_REFERENCE = re.compile(r"[A-Z][\w.]*")

type Fields = dict[str, tuple[bool, str]]  # name: is it optional, and its type


@dataclass
class Source:
    """The interfaces of one file of types, by their full names."""

    interfaces: dict[str, Fields] = field(default_factory=dict)

    def find(self, name: str, scope: str) -> str | None:
        """The full name of an interface that is named within another one."""
        while True:
            full = f"{scope}.{name}" if scope else name
            if full in self.interfaces:
                return full
            if not scope:
                return None
            scope = scope.rpartition(".")[0]


def read(path: Path) -> Source:
    source, blocks = Source(), list[tuple[str, str]]()
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("}"):
            if blocks:
                blocks.pop()
        elif block := _BLOCK.match(line):
            if not block[3]:
                blocks.append((block[1], block[2]))
            if block[1] == "interface":
                full = ".".join([name for _, name in blocks] + [block[2]] * bool(block[3]))
                source.interfaces[full] = {}
        elif line.endswith("{"):
            if (found := _FIELD.match(line)) and blocks and blocks[-1][0] == "interface":
                source.interfaces[_name(blocks)][found[1]] = (bool(found[2]), "")
            blocks.append(("other", ""))
        elif (found := _FIELD.match(line)) and blocks and blocks[-1][0] == "interface":
            source.interfaces[_name(blocks)][found[1]] = (bool(found[2]), found[3])
    return source


def _name(blocks: list[tuple[str, str]]) -> str:
    return ".".join(name for _, name in blocks)


def presences(source: Source, name: str, shared: Source, path: str = "") -> dict[str, str]:
    """The presence of each field, by its path without indexes: `line_items.data.price`."""
    found: dict[str, str] = {}
    for key, (is_optional, kind) in source.interfaces[name].items():
        if kind == "void":
            continue
        inner = f"{path}{key}"
        found[inner] = _presence(is_optional, kind)
        for reference in _REFERENCE.findall(kind):
            if reference == "Address":
                found |= presences(shared, "Address", shared, f"{inner}.")
            nested = source.find(reference, name)
            if nested and "object" not in source.interfaces[nested] and nested not in _above(name):
                found |= presences(source, nested, shared, f"{inner}.")
    return found


def _above(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _presence(is_optional: bool, kind: str) -> str:
    words = ["optional"] * is_optional + ["nullable"] * ("null" in kind.split(" | "))
    return " ".join(words) or "required"


def main() -> None:
    package = Path(sys.argv[1])
    described = json.loads((package / "package.json").read_text())
    version = re.search(r'ApiVersion = "(.+?)"', (package / "esm/apiVersion.d.ts").read_text())
    assert version is not None
    shared = read(package / "esm/shared.d.ts")
    objects = {
        kind: presences(read(package / f"esm/{path}.d.ts"), name, shared)
        for kind, (path, name) in OBJECTS.items()
    }
    source = f"npm stripe {described['version']}"
    table = {"source": source, "api_version": version[1], "objects": objects}
    TABLE.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
