"""The warehouse of docs/extending.md, as an app outside the repository."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.dispatch import Signal

from cart import signals
from cart.models import Order, State
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid
from tests.support.ports import free_port
from tests.support.processes import ROOT

GUIDE = (ROOT / "docs/extending.md").read_text()


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """The folder of the app, with the code of the guide."""
    folder = tmp_path / "warehouse"
    folder.mkdir()
    (folder / "__init__.py").touch()
    [code] = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    (folder / "apps.py").write_text(code)
    return folder


class Warehouse(HTTPServer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.told: list[Any] = []


class Call(BaseHTTPRequestHandler):
    server: Warehouse

    def do_POST(self) -> None:
        self.server.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def server(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    """A running warehouse that the app in this process calls."""
    monkeypatch.syspath_prepend(str(warehouse.parent))
    with Warehouse() as server:
        monkeypatch.setenv("WAREHOUSE_URL", f"http://127.0.0.1:{server.server_port}/")
        Thread(target=server.serve_forever, daemon=True).start()
        receiver = import_module("warehouse.apps").call_warehouse
        signals.order_paid.connect(receiver)
        yield server
        signals.order_paid.disconnect(receiver)
        server.shutdown()
    for name in ("warehouse", "warehouse.apps"):
        del sys.modules[name]


@pytest.mark.django_db(transaction=True)
def test_the_warehouse_is_told_what_to_send_once(
    item: Item, local_stripe: LocalStripe, server: Warehouse
) -> None:
    order = paid(item, local_stripe).order
    lines = [{"name": "Stoneware mug", "quantity": 1}]
    assert server.told == [{"order": order.number, "lines": lines}]


@pytest.mark.django_db(transaction=True)
def test_a_warehouse_that_is_gone_breaks_no_sale(
    item: Item,
    local_stripe: LocalStripe,
    server: Warehouse,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WAREHOUSE_URL", f"http://127.0.0.1:{free_port()}/")
    order = paid(item, local_stripe).order
    assert Order.objects.get(pk=order.pk).state == State.PAID
    assert "Error calling call_warehouse" in caplog.text


def run(code: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
    own = {"ENV_FILE": os.devnull, "DEBUG": "True", "PATH": os.environ["PATH"]}
    return subprocess.run(
        command, cwd=ROOT, env=own | settings, capture_output=True, text=True, check=False
    )


def test_a_setting_installs_the_app_from_its_folder(warehouse: Path, tmp_path: Path) -> None:
    code = (
        "from django.apps import apps; from cart.signals import order_paid;"
        "print(apps.get_app_config('warehouse').path, order_paid.has_listeners())"
    )
    own = {"EXTENSIONS": str(warehouse), "VAR_DIR": str(tmp_path)}
    assert run(code, **own).stdout == f"{warehouse} True\n"


@pytest.mark.parametrize(
    "value", ["nothing", "/nowhere/warehouse", "/nowhere/json", "/srv/my-shop"]
)
def test_a_missing_app_is_a_sentence(tmp_path: Path, value: str) -> None:
    started = run("", EXTENSIONS=value, VAR_DIR=str(tmp_path))
    assert started.stderr == (
        f"Minicart can't start: EXTENSIONS names {value}, where no Python package is.\n"
    )


def test_the_guide_names_all_signals_of_orders() -> None:
    own = {name for name, value in vars(signals).items() if isinstance(value, Signal)}
    after_commit = {name for name in own if not name.endswith("_in_transaction")}
    assert set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)) == after_commit - {"tax_saved"}
