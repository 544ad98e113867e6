"""A folder of one's own replaces templates and static files of the shop: docs/extending.md."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import http
from tests.support.ports import free_port
from tests.support.processes import ROOT, manage
from tests.support.public_shop import production_settings, running_server

EXAMPLE = ROOT / "deploy/example-theme"


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    """The example, which replaces two stylesheets of the shop too, parts of different bundles."""
    folder = shutil.copytree(EXAMPLE, tmp_path / "theme")
    (folder / "static/css/base.css").write_text("body { color: red; }\n")
    (folder / "static/css/receipt.css").write_text(".find-order { color: red; }\n")
    return folder


def test_templates_and_static_files_of_the_theme_are_served(theme: Path, tmp_path: Path) -> None:
    port = free_port()
    environment = production_settings(
        tmp_path,
        ALLOWED_HOSTS="127.0.0.1",
        BASE_URL=f"http://127.0.0.1:{port}",
        PORT=str(port),
        THEME_DIR=str(theme),
        STATIC_ROOT=str(tmp_path / "static"),
    )
    manage(environment, "collectstatic", "--noinput", "-v0")
    manage(environment, "migrate", "-v0")
    with running_server(environment, tmp_path / "server.log") as server:
        page = http.get(f"{server.address}/order/find").text
        styles = {
            name: http.get(f"{server.address}/static/css/{name}.{digest}.css").text
            for name, digest in re.findall(r'href="/static/css/([\w-]+)\.(\w+)\.css"', page)
        }
    assert list(styles) == ["shop", "own", "pages"]
    assert styles["own"] == (EXAMPLE / "static/css/own.css").read_text()
    assert styles["pages"].endswith("}\n.find-order { color: red; }\n")
    tokens, _newline, rest = styles["shop"].partition("\nbody { color: red; }\n\n")
    assert tokens.startswith(":root{--paper:")
    assert rest.startswith(".skip-link{")


def test_a_folder_without_a_theme_is_a_sentence(tmp_path: Path) -> None:
    environment = production_settings(
        tmp_path, ALLOWED_HOSTS="shop", BASE_URL="http://shop", THEME_DIR=str(tmp_path / "none")
    )
    command = [sys.executable, "manage.py", "check"]
    started = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert started.stderr == (
        f"Minicart can't start: THEME_DIR is {tmp_path}/none, which has no folder templates or"
        " static.\n"
    )
