"""The drawings in docs/states.md show what the code does."""

import re
from pathlib import Path

from cart.models import STEPS
from payments.models import PAYMENT_STEPS

DRAWINGS = Path(__file__).resolve().parents[2] / "docs" / "states.md"


def drawn(heading: str) -> set[tuple[str, str]]:
    section = DRAWINGS.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^    (\w+) --> (\w+)", section, re.MULTILINE))


def test_drawings_show_exactly_the_legal_steps() -> None:
    order = {(str(state), str(to)) for state, following in STEPS.items() for to in following}
    payment = {(str(s), str(to)) for s, following in PAYMENT_STEPS.items() for to in following}
    assert drawn("Order") == order
    assert drawn("Payment") == payment
