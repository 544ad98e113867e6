"""No order's token, e-mail address or key is in the log or in an error report."""

import logging
import sys
import time
from typing import Any

import pytest

from cart.models import new_token
from project.error_reports import without_personal_data
from project.logs import hide_secrets, log_as_info, without_secrets

TOKEN = "kVx3_9QmZ-t5Rb7LwY2cN8fHj4PsD6aG"
ROW = f"""new row for relation "cart_order" violates check constraint "positive"
DETAIL:  Failing row contains (1, {TOKEN}, buyer@shop.example,
of two lines)."""
CHAIN = "\n\nThe above exception was the direct cause of the following exception:\n\nTraceback …"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Not a valid URL: https://x.example/order/{TOKEN}/return", "/order/[hidden]/return"),
        ("Invalid email address: some.buyer+tag@mail.shop.example.", "address: [hidden]."),
        ("Invalid API Key: sk_live_abc, rk_test_abc or whsec_abc", "Key: [hidden], [hidden] or"),
        ("No such intent: pi_1_secret_Abc9", "intent: pi_1[hidden]"),
        ("To: first.buyer@shop.example+second@shop.example", "To: [hidden]"),
        (ROW + CHAIN, 'constraint "positive"\n[hidden]\n\nThe above exception was'),
        (ROW, 'constraint "positive"\n[hidden]'),
    ],
)
def test_secrets_are_hidden(text: str, shown: str) -> None:
    clean = without_secrets(text)
    assert shown in clean
    for secret in (TOKEN, "@", "live_", "whsec", "_secret", "of two lines", "Abc9"):
        assert secret not in clean


def test_every_new_token_is_recognised() -> None:
    for _ in range(1000):
        assert without_secrets(f"order {new_token()}.") == "order [hidden]."


@pytest.mark.parametrize(
    "text",
    [
        'File "/app/payments/checkout.py", line 9, in name_of_a_function_of_32_letters',
        "order 7K3F-9QXM: paid, req_AbCdEfGh1234, 0123456789abcdef0123456789abcdef",
    ],
)
def test_what_helps_to_find_an_error_stays(text: str) -> None:
    assert without_secrets(text) == text


# For each alternative of the pattern: what it begins with, what nearly matches, what matches.
HOSTILE = {
    "e-mail": ["a", "a.", "a@", "@", "a@b-", "a@b..", "a@b.c+", "a@b.c ", "+a@"],
    "key": ["sk_", "sk_test_", "sk_test_-", "whsec_ ", "_secret_"],
    "token": ["A", "aB", "-", "a" * 31 + " ", TOKEN, TOKEN + "."],
    "row": ["\n", "\nDETAIL:", "\nDETAIL: \n\nThe abov", "\nDETAIL: \n\nThe above"],
}


@pytest.mark.parametrize("alternative", HOSTILE)
def test_a_long_message_takes_ten_times_as_long_as_a_tenth_of_it(alternative: str) -> None:
    """Quadratic time would be a hundred times as long. The small sizes fail sooner."""
    for repeated in HOSTILE[alternative]:
        for size in (4_000, 100_000):
            seconds = min(seconds_to_clean(repeated, size) for _ in range(3))
            # On a busy machine a single run may take much longer.
            tries = (seconds_to_clean(repeated, 10 * size) for _ in range(5))
            assert any(each < 40 * seconds for each in tries), (repeated, size)


def seconds_to_clean(repeated: str, size: int) -> float:
    text = (repeated * size)[:size]
    start = time.process_time()
    without_secrets(text)
    return time.process_time() - start


def record(level: int = logging.ERROR, **own: Any) -> logging.LogRecord:
    values = {"msg": "%s of %s", "args": (1, "buyer@shop.example"), "exc_info": None} | own
    return logging.LogRecord("uvicorn.error", level, __file__, 1, **values)


def test_message_and_traceback_are_cleaned_in_a_copy() -> None:
    try:
        raise ValueError(ROW)
    except ValueError:
        original = record(exc_info=sys.exc_info())
    text = logging.Formatter().format(hide_secrets(original))
    assert text.startswith("1 of [hidden]\nTraceback (most recent call last):\n")
    assert "buyer@shop.example" not in text
    assert TOKEN not in text
    assert original.args == (1, "buyer@shop.example")
    assert original.exc_info


def test_error_report_keeps_its_ids() -> None:
    event: Any = {
        "event_id": "0" * 32,
        "exception": {"values": [{"value": ROW, "stacktrace": {"frames": [{"lineno": 1}]}}]},
        "logentry": {"message": "order %s", "params": (f"/order/{TOKEN}", 1)},
        "transaction": f"/order/{TOKEN}/nothing",
    }
    clean = without_personal_data(event, {})
    assert TOKEN not in str(clean)
    assert "buyer@shop.example" not in str(clean)
    assert clean["event_id"] == "0" * 32
    assert "'lineno': 1" in str(clean)


@pytest.mark.parametrize(
    ("level", "logged"), [(logging.WARNING, logging.INFO), (logging.ERROR, logging.ERROR)]
)
def test_warnings_of_uvicorn_are_logged_as_info(level: int, logged: int) -> None:
    changed = record(level)
    log_as_info(changed)
    assert changed.levelno == logged
