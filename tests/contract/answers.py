"""The file with the normalised answers that the local Stripe must give.

Each answer has a source. "documentation": nobody has seen Stripe answer so; the fields are those
that Stripe's documentation or public bug reports tell. An address: the answer was recorded there,
with all fields.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.contract.steps import Body

FILE = Path(__file__).parent / "answers.json"
DOCUMENTATION = "documentation"


@dataclass
class Expected:
    """Normalised answers by scenario and step."""

    answers: dict[str, dict[str, Body]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path = FILE) -> "Expected":
        return cls(json.loads(file.read_text())) if file.exists() else cls()

    def write(self, file: Path) -> None:
        text = json.dumps(self.answers, indent=1, ensure_ascii=False, sort_keys=True)
        file.write_text(text + "\n")

    def of(self, scenario: str) -> dict[str, Body]:
        return self.answers.get(scenario, {})

    def record(self, scenario: str, step: str, answer: Body, *, source: str) -> None:
        self.answers.setdefault(scenario, {})[step] = {"source": source, **answer}

    def sources(self) -> dict[str, int]:
        """The number of answers from each source."""
        counts: dict[str, int] = {}
        for answer in self._all():
            counts[answer["source"]] = counts.get(answer["source"], 0) + 1
        return counts

    def _all(self) -> Iterator[Body]:
        for steps in self.answers.values():
            yield from steps.values()


def is_complete(answer: Body) -> bool:
    return bool(answer["source"] != DOCUMENTATION)


def without_source(answer: Body) -> Body:
    return {key: value for key, value in answer.items() if key != "source"}
