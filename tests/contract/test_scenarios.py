"""The local Stripe answers all scenarios as the committed file says."""

import re
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.contract.__main__ import main
from tests.contract.answers import FILE, Expected, is_complete
from tests.contract.api import STRIPE
from tests.contract.scenarios import ALL
from tests.support.local_stripe import LocalStripe
from tests.support.processes import ROOT

EXPECTED = Expected.read()


@pytest.fixture(autouse=True)
def _without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_CONTRACT_KEY", raising=False)
    monkeypatch.delenv("STRIPE_CONTRACT_PUBLISHABLE_KEY", raising=False)


def test_all_scenarios_are_the_same_in_under_a_minute(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    assert main(["--local", local_stripe.address]) == 0, capsys.readouterr().out
    assert time.monotonic() - begun < 60
    printed = capsys.readouterr().out
    assert f"\n{len(ALL)} same in " in printed
    for scenario in ALL:
        assert any(
            line.startswith(scenario.name) and line.endswith(" same")
            for line in printed.splitlines()
        )


def test_starts_a_local_stripe_where_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert f"{len(ALL)} same" in capsys.readouterr().out


def test_there_are_about_sixty_scenarios_and_no_name_is_used_twice() -> None:
    assert len(ALL) >= 60
    assert max(Counter(each.name for each in ALL).values()) == 1
    for scenario in ALL:
        assert max(Counter(step.name for step in scenario.steps).values()) == 1


def test_the_file_has_an_answer_to_every_step_and_no_others() -> None:
    steps = {each.name: {step.name for step in each.steps} for each in ALL}
    assert {name: set(answers) for name, answers in EXPECTED.answers.items()} == steps


def test_an_answer_of_the_file_comes_from_stripe_or_says_that_it_does_not() -> None:
    """Only a run with a key writes an answer with all its fields."""
    assert set(EXPECTED.sources()) <= {"documentation", STRIPE}
    for scenario in EXPECTED.answers.values():
        for answer in scenario.values():
            assert is_complete(answer) == (answer["source"] == STRIPE)


def test_the_file_is_written_as_the_command_writes_it(tmp_path: Path) -> None:

    written = tmp_path / "answers.json"
    EXPECTED.write(written)
    assert written.read_text() == FILE.read_text()


def test_the_open_questions_of_the_guide_name_scenarios() -> None:
    guide = (ROOT / "docs/contract.md").read_text().partition("## Open questions")[2]
    rows = re.findall(r"^\| .+\? .*\| (.+) \|$", guide, re.MULTILINE)
    named = [name for row in rows for name in row.split("; ") if not name.startswith("SHOP=1")]
    assert len(named) > 10
    assert set(named) <= {each.name for each in ALL}
