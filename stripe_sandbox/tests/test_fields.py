"""The check that every answer and event of the local Stripe has the fields of Stripe's."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from stripe_sandbox.app import create_app
from stripe_sandbox.fields.checking import REPORT, differences, table
from stripe_sandbox.http.parameter_types import api_version
from stripe_sandbox.state import Sandbox
from tests.support.field_report import VARIABLE

COUPON: dict[str, Any] = {
    "id": "SUMMER",
    "object": "coupon",
    "amount_off": None,
    "created": 1_700_000_000,
    "currency": None,
    "duration": "once",
    "duration_in_months": None,
    "livemode": False,
    "max_redemptions": None,
    "metadata": {"order": "7K3F-9QXM"},
    "name": None,
    "percent_off": 10,
    "redeem_by": None,
    "times_redeemed": 0,
    "valid": True,
}
ERROR = {"type": "invalid_request_error", "message": "No such coupon"}


async def create_an_intent() -> None:
    transport = httpx.ASGITransport(create_app(Sandbox(origin="http://stripe")))
    async with httpx.AsyncClient(transport=transport, base_url="http://stripe") as client:
        client.headers["Authorization"] = "Bearer sk_test_main"
        await client.post("/v1/payment_intents", data={"amount": "1999", "currency": "usd"})


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in COUPON.items() if key != name}


@pytest.mark.parametrize(
    ("body", "difference"),
    [
        (without("valid"), "coupon: valid is missing"),
        (COUPON | {"valid": None}, "coupon: valid is null"),
        (COUPON | {"applies_to": None}, "coupon: applies_to is null"),
        (COUPON | {"colour": "red"}, "coupon: colour isn't a field at Stripe"),
        (COUPON | {"applies_to": {}}, "coupon: applies_to.products is missing"),
        ({"id": "SUMMER", "object": "voucher"}, "voucher isn't in the table of fields"),
        ({"error": ERROR | {"code": None}}, "error: code is null"),
        ({"error": ERROR | {"coupon": without("valid")}}, "coupon: valid is missing"),
        ({"data": [COUPON, without("valid")]}, "coupon: valid is missing"),
    ],
)
def test_names_object_and_field(body: dict[str, Any], difference: str) -> None:
    assert difference in differences(body)


@pytest.mark.parametrize(
    "body",
    [
        COUPON,
        {"id": "SUMMER", "object": "coupon", "deleted": True},
        {"error": ERROR},
        {"object": "list", "data": [COUPON], "has_more": False, "url": "/v1/coupons"},
    ],
)
def test_accepts_what_stripe_sends(body: dict[str, Any]) -> None:
    assert differences(body) == []


def test_a_publishable_key_sees_a_part_of_an_object() -> None:
    assert differences(without("valid"), is_public=True) == []
    assert differences(COUPON | {"valid": None}, is_public=True) == ["coupon: valid is null"]


def test_reports_answers_and_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report.txt"
    monkeypatch.setenv(REPORT, str(report))
    monkeypatch.setitem(table()["payment_intent"], "livemode", "optional")
    monkeypatch.setitem(table()["payment_intent"], "description", "optional")
    with ThreadPoolExecutor() as pool:  # Playwright's event loop is in this thread
        pool.submit(asyncio.run, create_an_intent()).result()
    assert report.read_text().splitlines() == [
        "payment_intent.created: payment_intent: description is null",
        "POST /v1/payment_intents: payment_intent: description is null",
    ]


def test_the_tests_name_the_same_variable() -> None:
    assert VARIABLE == REPORT


def test_the_table_is_of_the_version_of_the_library() -> None:
    path = Path(__file__).parent.parent / "fields/table.json"
    assert f'"api_version": "{api_version()}"' in path.read_text()
