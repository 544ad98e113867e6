"""Runs a scenario, and ends all that it made."""

import time
from dataclasses import dataclass, field
from typing import Any

from tests.contract.api import Answer, Api
from tests.contract.labels import end, labelled
from tests.contract.steps import Body, Names, NoSuchAnswer, Scenario, Step

EVENT_SECONDS = 30  # Stripe lists an event some seconds after its cause


@dataclass
class Result:
    """The answers to the steps that could be run, by name."""

    run: str
    answers: dict[str, Answer] = field(default_factory=dict)
    stopped: str = ""  # why the remaining steps could not be run
    left_behind: list[str] = field(default_factory=list)

    @property
    def bodies(self) -> dict[str, Body]:
        return {name: answer.body for name, answer in self.answers.items()}


def run_scenario(api: Api, scenario: Scenario, run: str) -> Result:
    """Run the steps with `run` as the label of all that they make."""
    result = Result(run)
    try:
        for step in scenario.steps:
            result.answers[step.name] = _perform(api, step, result)
    except NoSuchAnswer as problem:
        result.stopped = f"{step.name}: {problem}"
    finally:
        result.left_behind = _end_all(api, result)
    return result


def _perform(api: Api, step: Step, result: Result) -> Answer:
    names = Names(result.run, api.now(), result.bodies)
    path, form = names.resolve(step.path), names.resolve(step.form)
    if step.method == "EVENT":
        return _wait_for_event(api, path, form["object"])
    if step.method == "POST":
        form = labelled(path, form, result.run)
    key = names.resolve(step.idempotency_key)
    return api.call(step.method, path, form, key=step.key, idempotency_key=key)


def _wait_for_event(api: Api, kind: str, about: str) -> Answer:
    """The event, read from the list of events: nothing of this machine has a public address."""
    deadline = time.monotonic() + EVENT_SECONDS
    while True:
        answer = api.call("GET", "/v1/events", {"type": kind, "limit": 100})
        for found in answer.body.get("data", []):
            if found["data"]["object"].get("id") == about:
                return Answer(answer.status, found)
        if time.monotonic() > deadline or answer.status != 200:
            return Answer(0, {"error": {"type": "no_event", "message": f"no {kind}"}})
        time.sleep(1)


def _end_all(api: Api, result: Result) -> list[str]:
    """End every object in its last known state, the newest first. Return what is left behind."""
    latest: dict[Any, Body] = {}
    for name, answer in result.answers.items():
        body = answer.body.get("error", {}).get("payment_intent") or answer.body
        if "object" in body and body["object"] != "event":
            key = (body["object"], body.get("id", name))
            latest[key] = latest.pop(key, {}) | body
    refused = [end(api, body) for body in reversed(latest.values())]
    return [name for name in refused if name]
