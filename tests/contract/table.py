"""What a run prints."""

from collections import Counter
from collections.abc import Sequence

from tests.contract.check import SAME, Outcome

WIDTH = 64


def row(outcome: Outcome) -> str:
    return f"{outcome.scenario:<{WIDTH}} {outcome.verdict}"


def details(outcomes: Sequence[Outcome]) -> list[str]:
    """The differences, Stripe's news, notes, and what was left behind."""
    lines = []
    for outcome in outcomes:
        found = [str(each) for each in outcome.differences]
        found += [f"Stripe answers otherwise than the file: {_news(each)}" for each in outcome.news]
        found += outcome.failures + outcome.notes
        found += [f"could not be ended: {name}" for name in outcome.left_behind]
        if found:
            lines += ["", outcome.scenario, *(f"  {each}" for each in found)]
    return lines


def _news(news: object) -> str:
    return str(news).replace(": Stripe ", ": file ").replace(", local Stripe ", ", Stripe ")


def summary(outcomes: Sequence[Outcome]) -> str:
    counts = Counter(outcome.verdict for outcome in outcomes)
    parts = [f"{counts.pop(SAME, 0)} same", *(f"{n} {verdict}" for verdict, n in counts.items())]
    return ", ".join(parts)
