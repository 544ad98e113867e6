"""`make run` the first time, again, and with wrong settings."""

import email
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from project.development import Plan, read_plan
from project.programs import is_listening
from tests.support import http
from tests.support.ports import free_port
from tests.support.processes import ROOT, run
from tests.support.shops import Shop, running_shop
from tests.support.waiting import wait_until

KEYS = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_PUBLISHABLE_KEY": "pk_test_1"}


def try_to_run(var_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {"ENV_FILE": os.devnull, "VAR_DIR": str(var_dir), "PATH": os.environ["PATH"]}
    return run([sys.executable, "-m", "project.development"], own | environment)


def can_log_in(shop: Shop, password: str) -> bool:
    with http.Client(base_url=shop.address) as client:
        form = {"username": "admin", "password": password}
        client.post("/admin/login/", data=form, headers={"Origin": shop.address})
        return client.get("/admin/").status_code == 200


def is_local_stripe_running(shop: Shop) -> bool:
    return is_listening(int(shop.environment["SANDBOX_PORT"]))


def password_in(greeting: str) -> str:
    found = re.search(r"\(admin / (\S+)\)", greeting)
    assert found, greeting
    return found[1]


def test_greeting_names_the_addresses_and_the_password(shop: Shop) -> None:
    assert re.search(rf"Shop +{shop.address}\n", shop.greeting)
    assert re.search(rf"Admin +{shop.address}/admin/ ", shop.greeting)
    assert f"127.0.0.1:{shop.environment['SANDBOX_PORT']}/_sandbox/" in shop.greeting
    assert "Sample shipping rates added." in shop.greeting
    assert is_local_stripe_running(shop)
    assert password_in(shop.greeting) == (shop.var_dir / "admin-password").read_text().strip()


def test_mails_are_files_where_the_greeting_says(shop: Shop) -> None:
    folder = shop.var_dir / "mail"
    assert re.search(rf"Mail +{folder}/ ", shop.greeting)
    item = shop.run_python("from store.models import Item; print(Item.objects.earliest('pk').pk)")
    session = http.get(f"{shop.address}/buy/{item}").json()["id"]
    shop.local_stripe.pay(session, email="reader@shop.example")

    def recipients() -> set[str]:
        mails = [email.message_from_bytes(path.read_bytes()) for path in folder.glob("*.eml")]
        return {mail["To"] for mail in mails}

    expected = {"reader@shop.example", "admin@shop.example"}
    wait_until(lambda: expected <= recipients(), lambda: str(recipients()))


def test_password_logs_in_and_only_its_owner_can_read_the_file(shop: Shop) -> None:
    assert stat.S_IMODE((shop.var_dir / "admin-password").stat().st_mode) == 0o600
    assert can_log_in(shop, password_in(shop.greeting))
    assert not can_log_in(shop, "wrong")


def test_second_start_keeps_items_and_password(tmp_path: Path) -> None:
    names = "from store.models import Item; print(list(Item.objects.values_list('name')))"
    with running_shop(tmp_path) as shop:
        first = password_in(shop.greeting)
        shop.run_python("from store.models import Item; Item.objects.earliest('pk').delete()")
        items = shop.run_python(names)
    with running_shop(tmp_path) as shop:
        assert password_in(shop.greeting) == first
        assert can_log_in(shop, first)
        assert shop.run_python(names) == items


def test_new_database_gets_the_password_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "admin-password"
    file.write_text("kept-from-before\n")
    file.chmod(0o644)
    with running_shop(tmp_path) as shop:
        assert password_in(shop.greeting) == "kept-from-before"
        assert can_log_in(shop, "kept-from-before")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    file.unlink()
    with running_shop(tmp_path) as shop:
        assert "(your own password)" in shop.greeting
        assert can_log_in(shop, "kept-from-before")
    assert not file.exists()


def test_filled_in_example_starts_without_a_local_stripe(tmp_path: Path) -> None:
    copy = tmp_path / ".env"
    filled = KEYS | {
        "DEBUG": "True",
        "ALLOWED_HOSTS": "localhost",
        "BASE_URL": f"http://localhost:{free_port()}",
    }
    text = (ROOT / ".env.example").read_text()
    for name, value in filled.items():
        text = re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
    copy.write_text(text)
    with running_shop(tmp_path / "var", ENV_FILE=str(copy)) as shop:
        assert re.search(r"Stripe +with your keys\n", shop.greeting)
        assert not is_local_stripe_running(shop)
        assert http.get(shop.address).status_code == 200


def test_serves_static_files_with_debug_off(tmp_path: Path) -> None:
    production = {
        "DEBUG": "False",
        "SECRET_KEY": "0123456789" * 6,
        "ALLOWED_HOSTS": "localhost",
        "BASE_URL": "http://localhost",
    }
    with running_shop(tmp_path, **KEYS, **production) as shop:
        page = http.get(shop.address)
        assert page.status_code == 200
        styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
        assert styles
        assert {http.get(shop.address + path).status_code for path in styles} == {200}
        assert not is_local_stripe_running(shop)


def test_empty_value_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("STRIPE_SECRET_KEY"):
            monkeypatch.setenv(name, "")
    for name in ("VAR_DIR", "DEBUG", "PORT", "SANDBOX_PORT", "EMAIL_URL"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("ENV_FILE", os.devnull)
    plan = read_plan()
    assert plan == Plan(ROOT / "var", True, 8000, 8421, uses_sandbox=True, sends_mail=False)
    told = plan.environment()
    assert (told["VAR_DIR"], told["DEBUG"], told["PORT"]) == (str(ROOT / "var"), "True", "8000")
    assert told["STRIPE_API_BASE"] == "http://127.0.0.1:8421"
    assert told["EMAIL_URL"] == f"filemail://{ROOT}/var/mail"


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
@pytest.mark.parametrize("value", ["abc", "0", "99999"])
def test_wrong_port_stops_the_start_with_one_sentence(
    tmp_path: Path, name: str, value: str
) -> None:
    tried = try_to_run(tmp_path, **{name: value})
    assert tried.returncode == 1
    sentence = f"{name} must be a port, a number from 1 to 65535, and is '{value}'."
    assert tried.stderr == f"Minicart can't start: {sentence}\n"


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_busy_port_stops_the_start_with_one_sentence(tmp_path: Path, name: str) -> None:
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        tried = try_to_run(tmp_path, **ports | {name: port})
    assert tried.returncode == 1
    assert tried.stdout == ""
    assert tried.stderr.startswith(f"Port {port} is in use.")
    assert tried.stderr.count("\n") == 1
