"""Random requests to a real server, on SQLite and on PostgreSQL: no error, no noise in its log."""

import json
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from project.development import sandbox_settings
from tests.support import http
from tests.support.error_reports import Reports, running_error_reports
from tests.support.fuzz import Fuzz, answered, failures
from tests.support.ports import free_port
from tests.support.postgresql import empty_database
from tests.support.processes import Program, manage
from tests.support.public_shop import (
    collect_static_files,
    production_settings,
    running_server,
    running_stripe,
)
from tests.support.shops import NO_LIMITS

REQUESTS = 2700
# With every limit at 1, to the addresses that have one.
LIMITED_REQUESTS = 300
LIMITED = ("order/lines", "order/discount", "order/buy", "order/intent", "buy/", "admin/login/")


@dataclass(frozen=True)
class Target:
    address: str
    program: Program
    reports: Reports
    environment: dict[str, str]

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.program.printed().splitlines()]


@pytest.fixture(params=["sqlite", "postgresql"])
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    folder, port = tmp_path_factory.mktemp(request.param), str(free_port())
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        stripe = stack.enter_context(running_stripe(folder, f"{address}/stripe/webhook", {}))
        reports = stack.enter_context(running_error_reports())
        own = {"ALLOWED_HOSTS": "127.0.0.1", "BASE_URL": address, "PORT": port}
        own |= {"DRAIN_SECONDS": "0", "SENTRY_DSN": reports.dsn}
        if request.param == "postgresql":
            server = request.getfixturevalue("postgresql")
            own["DATABASE_URL"] = stack.enter_context(empty_database(server))
        environment = production_settings(folder, **own, **sandbox_settings(stripe.address))
        collect_static_files()
        manage(environment, "migrate", "-v0")
        manage(environment, "seed_catalogue")
        running = stack.enter_context(running_server(environment, folder / "server.log"))
        yield Target(address, running.program, reports, environment)


@contextmanager
def running_limited_server(target: Target) -> Iterator[Target]:
    """A second server of the same shop whose limits are all 1."""
    port = str(free_port())
    address = f"http://127.0.0.1:{port}"
    environment = target.environment | {"PORT": port, "BASE_URL": address}
    environment |= dict.fromkeys(NO_LIMITS, "1")
    log = Path(environment["VAR_DIR"]) / "limited.log"
    with running_server(environment, log) as running:
        yield replace(target, address=address, program=running.program, environment=environment)


@contextmanager
def visitor_with_a_cart(target: Target) -> Iterator[httpx.Client]:
    with http.Client(base_url=target.address, headers=http.BROWSER) as client:
        client.post("/order/lines", data={"item": "1"})
        yield client


def new_session(target: Target) -> str:
    with visitor_with_a_cart(target) as client:
        return str(client.cookies["sessionid"])


def test_no_random_request_is_an_error_of_the_server(target: Target) -> None:
    seed = random.randrange(10**6)  # noqa: S311  # nothing secret
    sessions = [new_session(target) for _ in range(3)]
    answers = answered(target.address, Fuzz(seed, sessions=sessions).requests(REQUESTS))
    with running_limited_server(target) as limited:
        fuzz = Fuzz(seed, sessions=sessions, only="|".join(LIMITED))
        limited_answers = answered(limited.address, fuzz.requests(LIMITED_REQUESTS))
        noise = [line for line in target.lines() + limited.lines() if line["level"] == "ERROR"]
    assert failures(answers + limited_answers) == [], f"seed {seed}"
    assert noise == [], f"seed {seed}"
    assert target.reports.errors() == []
    refused = [answer for _request, answer in limited_answers if answer.status == 429]
    assert len(refused) >= 10, f"seed {seed}"


@pytest.mark.parametrize("target", ["postgresql"], indirect=True)
def test_log_and_report_of_an_error_hide_what_postgresql_shows(target: Target) -> None:
    """PostgreSQL's message of a refused row contains the order's token."""
    constraint = "ALTER TABLE cart_order ADD CONSTRAINT broken CHECK (currency = '') NOT VALID"
    code = f"from django.db import connection; connection.cursor().execute({constraint!r})"
    with visitor_with_a_cart(target) as visitor:
        manage(target.environment, "shell", "-v0", "-c", code)
        assert visitor.post("/order/lines", data={"item": "1"}).status_code == 500
    (line,) = (each for each in target.lines() if each["level"] == "ERROR")
    target.program.wait_until(target.reports.errors)
    for text in (line["exc_info"], *target.reports.errors()):
        assert "violates check constraint" in text
        assert "[hidden]" in text
        assert "Failing row" not in text
