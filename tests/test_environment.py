"""The settings start the shop or say in one sentence what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "SECRET_KEY": "a" * 60,
    "ALLOWED_HOSTS": "shop.example",
    "BASE_URL": "https://shop.example",
    "ENV_FILE": os.devnull,
    "PATH": os.environ["PATH"],
}
LIVE = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1"}


def start(**values: str) -> subprocess.CompletedProcess[str]:
    """Reads the settings in a process of their own; an empty value is an unset one."""
    command = [sys.executable, "-c", "import project.settings as s; print(s.STRIPE_ACCOUNTS)"]
    return subprocess.run(
        command, cwd=ROOT, env=PRODUCTION | values, capture_output=True, text=True, check=False
    )


def test_production_starts_with_what_it_needs() -> None:
    assert start(**LIVE).returncode == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"BASE_URL": ""}, "BASE_URL is not set"),
        ({"BASE_URL": "shop.example"}, "BASE_URL must start with http"),
        ({"DEBUG": "maybe"}, "DEBUG must be True or False"),
        ({"PORT": "eighty"}, "PORT has a value that can't be used"),
        ({"WORKER_THREADS": "0"}, "WORKER_THREADS must be 1 or more"),
        ({"DATABASE_URL": "nonsense://x"}, "DATABASE_URL must start with"),
        ({"CACHE_URL": "nonsense://x"}, "CACHE_URL has a value that can't be used"),
        ({"STRIPE_CURRENCIES": "USD,DOLLAR"}, "STRIPE_CURRENCIES must list"),
        ({"STRIPE_CURRENCIES": "USD,usd"}, "STRIPE_CURRENCIES must list"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_PUBLISHABLE_KEY is not set"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "STRIPE_SECRET_KEY is not set"),
        ({"STRIPE_SECRET_KEY": "pk_test_1"}, "STRIPE_SECRET_KEY must start with sk_test_"),
        ({"STRIPE_PUBLISHABLE_KEY": "sk_test_1"}, "STRIPE_PUBLISHABLE_KEY must start with pk_"),
        ({"STRIPE_WEBHOOK_SECRET": "secret"}, "STRIPE_WEBHOOK_SECRET must start with whsec_"),
        (LIVE | {"STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "must both be test keys or both be live"),
        (LIVE | {"STRIPE_API_BASE": "http://127.0.0.1:1"}, "together with a live key"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:1"}, "only a demonstration (DEMO=True)"),
    ],
)
def test_anything_wrong_is_one_sentence_that_names_the_variable(
    values: dict[str, str], sentence: str
) -> None:
    started = start(**values)
    assert started.returncode == 1
    assert started.stdout == ""
    assert started.stderr.startswith("Minicart can't start: ")
    assert sentence in started.stderr
    assert started.stderr.count("\n") == 1


def test_a_demonstration_may_use_the_local_stripe_with_debug_off() -> None:
    assert start(DEMO="True", STRIPE_API_BASE="http://127.0.0.1:1").returncode == 0


def test_secret_keys_are_not_in_what_a_debug_page_or_log_shows() -> None:
    shown = start(**LIVE, STRIPE_WEBHOOK_SECRET="whsec_hidden").stdout
    assert "pk_live_1" in shown
    assert "sk_live_1" not in shown
    assert "whsec_hidden" not in shown


def test_an_untouched_copy_of_the_example_names_the_first_thing_to_fill_in(tmp_path: Path) -> None:
    copy = tmp_path / ".env"
    copy.write_text((ROOT / ".env.example").read_text())
    started = start(ENV_FILE=str(copy), SECRET_KEY="")
    assert "SECRET_KEY is not set" in started.stderr
