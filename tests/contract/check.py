"""Runs all scenarios and compares the local Stripe's answers with Stripe's."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.contract.answers import Expected, is_complete, without_source
from tests.contract.api import Api
from tests.contract.compare import Difference, differences
from tests.contract.normalise import normalised
from tests.contract.run import Result, run_scenario
from tests.contract.steps import Scenario, Step

SAME, DIFFERS, LACKS, FAILED = "same", "differs", "local Stripe lacks", "failed"


@dataclass
class Outcome:
    """`news` are Stripe's answers that differ from those in the file before this run; `events` are
    the ids of the events that were read at Stripe, or without it at the local Stripe; `failures`
    say what else went wrong."""

    scenario: str
    differences: list[Difference] = field(default_factory=list)
    news: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def is_fine(self) -> bool:
        return self.verdict == SAME and not self.left_behind

    @property
    def verdict(self) -> str:
        if self.failures:
            return FAILED
        if not self.differences:
            return SAME
        return LACKS if all(each.is_lack for each in self.differences) else DIFFERS


def check(
    scenarios: Sequence[Scenario], *, local: Api, stripe: Api | None, expected: Expected
) -> Iterator[Outcome]:
    """Compare the local Stripe with `stripe`, whose answers go to `expected`; without `stripe`,
    with the answers in `expected`."""
    run = f"contract-{secrets.token_hex(4)}"
    for scenario in scenarios:
        outcome = Outcome(scenario.name)
        if stripe is not None:
            _record(stripe, scenario, run, expected, outcome)
        _compare(local, scenario, run, expected, outcome)
        yield outcome


def _record(
    stripe: Api, scenario: Scenario, run: str, expected: Expected, outcome: Outcome
) -> None:
    """Store Stripe's answers, and note those that the file had otherwise."""
    if scenario.needs_publishable_key and not stripe.keys.publishable:
        outcome.notes.append("not run at Stripe: there is no publishable key")
        return
    before = expected.of(scenario.name)
    result = run_scenario(stripe, scenario, run)
    _note(result, scenario, "Stripe", outcome)
    for step in scenario.steps:
        if step.name not in result.answers:
            continue
        if problem := _problem(step, result):
            outcome.notes.append(f"{step.name}: not recorded: {problem}")
            continue
        answer = normalised(step, result)
        if known := before.get(step.name):
            complete = is_complete(known)
            outcome.news += differences(
                step.name, without_source(known), answer, is_complete=complete
            )
        expected.record(scenario.name, step.name, answer, source=stripe.address)


def _problem(step: Step, result: Result) -> str:
    """Why the answer says nothing about Stripe: none came, or the key isn't allowed the call."""
    answer = result.answers[step.name]
    message = str(answer.body.get("error", {}).get("message", ""))
    is_refused_key = answer.status in (401, 403) and step.key == "secret"
    is_failure = answer.status == 0 or answer.status == 429 or answer.status >= 500
    return f"{answer.status} {message}" if is_refused_key or is_failure else ""


def _compare(
    local: Api, scenario: Scenario, run: str, expected: Expected, outcome: Outcome
) -> None:
    result = run_scenario(local, scenario, run)
    _note(result, scenario, "the local Stripe", outcome)
    steps = {step.name: step for step in scenario.steps}
    for name, answer in expected.of(scenario.name).items():
        got = normalised(steps[name], result) if name in result.answers else None
        complete = is_complete(answer)
        outcome.differences += differences(name, without_source(answer), got, is_complete=complete)


def _note(result: Result, scenario: Scenario, who: str, outcome: Outcome) -> None:
    outcome.left_behind += result.left_behind
    if result.stopped:
        outcome.notes.append(f"stopped at {who}: {result.stopped}")
    outcome.events = outcome.events or _events(result, scenario)


def _events(result: Result, scenario: Scenario) -> list[str]:
    """The ids of the events that were read."""
    events = (step.name for step in scenario.steps if step.method == "EVENT")
    read = (result.bodies[name].get("id") for name in events if name in result.answers)
    return [str(name) for name in read if name]
