"""The settings start the shop, or say in one sentence what is wrong."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from project.error_reports import without_personal_data
from tests.support.settings_reader import SettingsReader

ROOT = Path(__file__).resolve().parents[2]
LONG = "0123456789" * 6
PRODUCTION = {
    "SECRET_KEY": LONG,
    "ALLOWED_HOSTS": "shop.example",
    "BASE_URL": "https://shop.example",
    "ENV_FILE": os.devnull,
    "PATH": os.environ["PATH"],
}
LIVE = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1"}
READER = SettingsReader()


@pytest.fixture(scope="module", autouse=True)
def _reader() -> Iterator[None]:
    with READER:
        yield


def start(shown: str = "STRIPE_ACCOUNTS", **values: str) -> subprocess.CompletedProcess[str]:
    """Reads the settings in a new process; an empty value counts as unset."""
    return READER.run(f"import project.settings as s; print(s.{shown})", PRODUCTION | values)


def start_anew(shown: str, **values: str) -> subprocess.CompletedProcess[str]:
    """The same in a new Python, which looks for other modules too."""
    command = [sys.executable, "-c", f"import project.settings as s; print(s.{shown})"]
    return subprocess.run(
        command, cwd=ROOT, env=PRODUCTION | values, capture_output=True, text=True, check=False
    )


def test_starts_in_a_new_python_or_says_what_is_missing() -> None:
    assert start_anew("DEBUG", **LIVE).stdout == "False\n"
    stopped = start_anew("DEBUG", SECRET_KEY="")
    assert stopped.returncode == 1
    assert "SECRET_KEY is not set" in stopped.stderr


def test_starts_with_the_required_settings() -> None:
    assert start(**LIVE).returncode == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"BASE_URL": ""}, "BASE_URL is not set"),
        ({"BASE_URL": "shop.example"}, "BASE_URL must start with http"),
        ({"DEBUG": "maybe"}, "DEBUG must be True or False"),
        ({"SECRET_KEY": "x"}, "SECRET_KEY must be random and have 50 characters or more"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY must be random"),
        ({"SECRET_KEY": f"change-me-{LONG}"}, "SECRET_KEY has the value of an example"),
        ({"SECRET_KEY": f"django-insecure-{LONG}"}, "SECRET_KEY has the value of an example"),
        ({"SECRET_KEY": f"only-for-{LONG}"}, "SECRET_KEY has the value of an example"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must list names like shop.example; * would"),
        ({"ALLOWED_HOSTS": "x.example"}, "but ALLOWED_HOSTS doesn't list shop.example"),
        ({"ALLOWED_HOSTS": "http://x.example"}, "ALLOWED_HOSTS must list names like"),
        ({"ALLOWED_HOSTS": "shop.example,x.example/"}, "ALLOWED_HOSTS must list names like"),
        ({"ALLOWED_HOSTS": "сайт.example"}, "ALLOWED_HOSTS must list names as browsers send them"),
        ({"CHECKOUT_DOMAINS": "https://pay.x.example"}, "CHECKOUT_DOMAINS must list names like"),
        ({"CHECKOUT_TERMS": "perhaps"}, "CHECKOUT_TERMS must be True or False"),
        ({"BASE_URL": "http://[::1"}, "BASE_URL must start with http"),
        ({"BASE_URL": "https://shop.example/shop"}, "BASE_URL must be like https://shop.example"),
        ({"BASE_URL": "https://shop.example?a=b"}, "BASE_URL must be like https://shop.example"),
        ({"BASE_URL": "https://a:b@shop.example"}, "BASE_URL must be like https://shop.example"),
        ({"BASE_URL": "https://shop.example:99999"}, "BASE_URL must start with http"),
        (
            {"VAR_DIR": "/dev/null/var"},
            "VAR_DIR is /dev/null/var, which can't be created: Not a dir",
        ),
        ({"PORT": "eighty"}, "PORT must be a port, a number from 1 to 65535"),
        ({"PORT": "0"}, "PORT must be a port, a number from 1 to 65535"),
        ({"PORT": "65536"}, "PORT must be a port, a number from 1 to 65535"),
        ({"LANGUAGE_CODE": "de"}, "LANGUAGE_CODE must be en or ru, and is 'de'"),
        ({"TIME_ZONE": "Mars"}, "TIME_ZONE must be a time zone like Europe/Berlin"),
        ({"LOG_LEVEL": "FOO"}, "LOG_LEVEL must be DEBUG or INFO"),
        ({"STRIPE_JS_URL": "foo"}, "STRIPE_JS_URL must start with http"),
        ({"PAYMENT_METHODS": "cash"}, "PAYMENT_METHODS must list checkout or intent"),
        ({"HOLD_MINUTES": "34"}, "HOLD_MINUTES must be 35 to 1435 minutes, and is 34"),
        ({"HOLD_MINUTES": "1436"}, "HOLD_MINUTES must be 35 to 1435 minutes"),
        ({"HELD_PIECES_PER_ADDRESS": "-1"}, "HELD_PIECES_PER_ADDRESS must be 0 or more, and is -1"),
        ({"HELD_SHARE_PER_ADDRESS": "101"}, "HELD_SHARE_PER_ADDRESS must be 0 to 100"),
        ({"OPEN_ATTEMPTS_PER_ADDRESS": "few"}, "OPEN_ATTEMPTS_PER_ADDRESS has a value"),
        ({"WRITE_RATE_LIMIT": "-1"}, "WRITE_RATE_LIMIT must be 0 or more, and is -1"),
        ({"LOGIN_RATE_LIMIT": "few"}, "LOGIN_RATE_LIMIT has a value that can't be used"),
        ({"WORKER_THREADS": "0"}, "WORKER_THREADS must be 1 or more"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY must be 1 or more"),
        ({"SERVER_LOOP": "libuv"}, "SERVER_LOOP must be auto, asyncio or uvloop"),
        ({"DRAIN_SECONDS": "-1"}, "DRAIN_SECONDS must be 0 or more, and is -1"),
        ({"CATALOGUE_CACHE_SECONDS": "-1"}, "CATALOGUE_CACHE_SECONDS must be 0 or more"),
        ({"FORWARDED_ALLOW_IPS": "*"}, "FORWARDED_ALLOW_IPS must list addresses or networks"),
        ({"FORWARDED_ALLOW_IPS": "10.0.0.1/8"}, "FORWARDED_ALLOW_IPS must list addresses"),
        ({"FORWARDED_ALLOW_IPS": "0.0.0.0/0"}, "the addresses of your proxies only"),
        ({"FORWARDED_ALLOW_IPS": "10.0.0.1,::/0"}, "the addresses of your proxies only, not '::"),
        ({"EMAIL_URL": "mail.example"}, "EMAIL_URL must look like smtp+tls://"),
        ({"EMAIL_URL": "smtp+tls://"}, "EMAIL_URL must name a host"),
        ({"DEFAULT_FROM_EMAIL": "shop.example"}, "DEFAULT_FROM_EMAIL must be an e-mail address"),
        ({"SENTRY_DSN": "https://sentry.example"}, "SENTRY_DSN is not an address"),
        (LIVE | {"BASE_URL": "http://shop.example"}, "BASE_URL must start with https://"),
        ({"DATABASE_POOL_SIZE": "0"}, "DATABASE_POOL_SIZE must be 1 or more"),
        ({"DATABASE_URL": "nonsense://x"}, "DATABASE_URL must start with"),
        ({"DATABASE_URL": "postgres://u:p@h:99999/x"}, "DATABASE_URL isn't an address like"),
        ({"DATABASE_URL": "sqlite:////no/shop.sqlite3"}, "DATABASE_URL names a file in a folder"),
        ({"STRIPE_CURRENCIES": "USD,DOLLAR"}, "STRIPE_CURRENCIES must list"),
        ({"STRIPE_CURRENCIES": "USD,usd"}, "STRIPE_CURRENCIES must list"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_PUBLISHABLE_KEY is not set"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "STRIPE_SECRET_KEY is not set"),
        ({"STRIPE_SECRET_KEY": "pk_test_1"}, "STRIPE_SECRET_KEY must start with sk_test_"),
        ({"STRIPE_PUBLISHABLE_KEY": "sk_test_1"}, "STRIPE_PUBLISHABLE_KEY must start with pk_"),
        ({"STRIPE_WEBHOOK_SECRET": "secret"}, "STRIPE_WEBHOOK_SECRET must start with whsec_"),
        ({"STRIPE_SECRET_KEY": "sk_test_"}, "STRIPE_SECRET_KEY must start with sk_test_"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_live_"}, "STRIPE_PUBLISHABLE_KEY must start with pk_"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_"}, "STRIPE_WEBHOOK_SECRET must start with whsec_"),
        (LIVE | {"STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "must both be test keys or both be live"),
        (LIVE | {"STRIPE_API_BASE": "http://127.0.0.1:1"}, "together with a live key"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:1"}, "only a demonstration (DEMO=True)"),
    ],
)
def test_wrong_value_stops_the_start_with_one_sentence(
    values: dict[str, str], sentence: str
) -> None:
    started = start(**values)
    assert started.returncode == 1
    assert started.stdout == ""
    assert started.stderr.startswith("Minicart can't start: ")
    assert sentence in started.stderr
    assert started.stderr.count("\n") == 1


def test_repeated_publishable_key_is_a_repeated_account() -> None:
    second = {"STRIPE_SECRET_KEY_EUR": "rk_live_2", "STRIPE_PUBLISHABLE_KEY_EUR": "pk_live_1"}
    started = start(**LIVE, **second, STRIPE_CURRENCIES="USD,EUR")
    assert "STRIPE_PUBLISHABLE_KEY_EUR: the same account is given twice" in started.stderr


def test_pages_of_the_catalogue_are_kept_unless_somebody_develops_the_shop() -> None:
    assert start("CATALOGUE_CACHE_SECONDS").stdout == "5\n"
    assert start("CATALOGUE_CACHE_SECONDS", DEBUG="True").stdout == "0\n"
    assert (
        start("CATALOGUE_CACHE_SECONDS", DEBUG="True", CATALOGUE_CACHE_SECONDS="3").stdout == "3\n"
    )


def test_payment_methods_are_both_or_the_chosen_one() -> None:
    assert start("PAYMENT_METHODS").stdout == "['checkout', 'intent']\n"
    assert start("PAYMENT_METHODS", PAYMENT_METHODS="intent").stdout == "['intent']\n"


@pytest.mark.parametrize(
    ("currencies", "suffixes", "second"),
    [("USD,EUR", ["", "_EUR"], "EUR"), ("USD,EUR,GBP", ["_EUR", "_GBP"], "GBP")],
)
def test_repeated_account_stops_the_start_with_one_sentence(
    currencies: str, suffixes: list[str], second: str
) -> None:
    keys = {f"{name}{suffix}": key for name, key in LIVE.items() for suffix in suffixes}
    started = start(**keys, STRIPE_CURRENCIES=currencies)
    assert started.returncode == 1
    assert started.stderr == (
        f"Minicart can't start: STRIPE_SECRET_KEY_{second}: the same account is given twice; "
        "leave it out and the keys without suffix serve this currency too.\n"
    )


def test_currency_can_have_a_separate_account() -> None:
    own = {"STRIPE_SECRET_KEY_EUR": "sk_live_2", "STRIPE_PUBLISHABLE_KEY_EUR": "pk_live_2"}
    assert "pk_live_2" in start(**LIVE, **own, STRIPE_CURRENCIES="USD,EUR").stdout


def test_browsers_may_go_to_the_merchants_domains_of_stripes_page() -> None:
    shown = "SECURE_CSP['form-action'][1:]"
    allowed = ast.literal_eval(start(shown, CHECKOUT_DOMAINS="pay.a.example, b.example").stdout)
    assert allowed == [
        "https://checkout.stripe.com",
        "https://pay.a.example",
        "https://b.example",
    ]
    assert ast.literal_eval(start(shown).stdout) == ["https://checkout.stripe.com"]


def test_missing_folder_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    assert start("VAR_DIR", VAR_DIR=str(folder)).stdout == f"{folder}\n"
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("https://shop.example/", "a.example, shop.example"),
        ("https://www.shop.example:8443", ".shop.example"),
        ("http://[::1]:8000", "[::1]"),
    ],
)
def test_host_of_the_address_is_allowed(address: str, hosts: str) -> None:
    started = start("BASE_URL", BASE_URL=address, ALLOWED_HOSTS=hosts)
    assert started.stdout == address.rstrip("/") + "\n"


def test_allowed_hosts_can_have_spaces_after_commas() -> None:
    started = start("ALLOWED_HOSTS", ALLOWED_HOSTS="shop.example, b.example")
    assert started.stdout == "['shop.example', 'b.example']\n"


@pytest.mark.parametrize("address", ["https://js.stripe.com/v3/", "https://js.stripe.com/basil"])
def test_address_of_stripe_js_is_kept(address: str) -> None:
    assert start("STRIPE_JS_URL", STRIPE_JS_URL=address).stdout.strip() == address


def test_postgresql_gets_a_pool_and_keeps_the_options_of_its_address() -> None:
    address = "postgres://shop:secret@db:5432/shop?sslmode=require&connect_timeout=3"
    shown = start("DATABASES", DATABASE_URL=address, DATABASE_POOL_SIZE="7").stdout
    database = ast.literal_eval(shown)["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert database["OPTIONS"]["pool"]["max_size"] == 7
    assert (database["OPTIONS"]["sslmode"], database["OPTIONS"]["connect_timeout"]) == (
        "require",
        3,
    )


def test_mail_goes_to_the_configured_server() -> None:
    shown = start("MAILERS", EMAIL_URL="smtp+tls://shop:p%40ss@mail.example").stdout
    options = ast.literal_eval(shown)["default"]["OPTIONS"]
    assert (options["host"], options["port"], options["use_tls"]) == ("mail.example", 587, True)
    assert (options["username"], options["password"]) == ("shop", "p@ss")
    assert "console" in start("MAILERS").stdout
    assert start("DEFAULT_FROM_EMAIL").stdout == "shop@shop.example\n"
    named = "Shop <orders@shop.example>"
    assert start("DEFAULT_FROM_EMAIL", DEFAULT_FROM_EMAIL=named).stdout == f"{named}\n"


def test_production_is_closed_by_default() -> None:
    names = [
        *("DEBUG", "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT"),
        *("SECURE_HSTS_SECONDS", "FORWARDED_ALLOW_IPS"),
    ]
    shown = [start(name).stdout.strip() for name in names]
    assert shown == ["False", "True", "True", "31536000", "['127.0.0.1']"]


def test_error_reports_have_no_personal_data_and_need_their_package(tmp_path: Path) -> None:
    address = "https://key@sentry.example/1"
    assert start("SENTRY_DSN", SENTRY_DSN=address).stdout == f"{address}\n"
    event: Any = {"request": {"url": "/order/token"}, "breadcrumbs": [], "message": "no table"}
    assert without_personal_data(event, {}) == {"message": "no table"}
    (tmp_path / "sentry_sdk.py").write_text("raise ImportError")
    missing = start_anew("DEBUG", SENTRY_DSN=address, PYTHONPATH=str(tmp_path))
    assert "sentry-sdk is not installed" in missing.stderr


def test_chosen_event_loop_must_be_installed(tmp_path: Path) -> None:
    (tmp_path / "uvloop.py").write_text("raise ImportError")
    without = {"PYTHONPATH": str(tmp_path)}
    assert (
        "uvloop, which isn't installed"
        in start_anew("DEBUG", SERVER_LOOP="uvloop", **without).stderr
    )
    assert start_anew("SERVER_LOOP", **without).stdout == "auto\n"


def test_a_demonstration_may_use_the_local_stripe_with_debug_off() -> None:
    assert start(DEMO="True", STRIPE_API_BASE="http://127.0.0.1:1").returncode == 0


def test_debug_pages_and_logs_hide_secret_keys() -> None:
    shown = start(**LIVE, STRIPE_WEBHOOK_SECRET="whsec_hidden").stdout
    assert "pk_live_1" in shown
    assert "sk_live_1" not in shown
    assert "whsec_hidden" not in shown


def test_untouched_example_names_the_first_missing_value(tmp_path: Path) -> None:
    copy = tmp_path / ".env"
    copy.write_text((ROOT / ".env.example").read_text())
    started = start(ENV_FILE=str(copy), SECRET_KEY="")
    assert "SECRET_KEY is not set" in started.stderr
