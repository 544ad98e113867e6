"""The version is in pyproject.toml, and shown by manage.py and in the admin's footer."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from project.version import version

ROOT = Path(__file__).resolve().parent.parent.parent


def test_is_the_one_in_pyproject() -> None:
    assert version() == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.mark.parametrize("argument", ["version", "--version"])
def test_manage_py_prints_it_without_any_settings(argument: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", argument],
        env={"ENV_FILE": "/dev/null"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"Minicart {version()} (Django 6.")


def test_staff_read_it_in_the_admins_footer_and_others_do_not(client: Client, db: None) -> None:
    assert f"Minicart {version()}" not in client.get("/admin/login/").text
    client.force_login(get_user_model().objects.create_superuser("admin"))
    page = client.get("/admin/").text
    assert f"Minicart {version()}" in page.partition('<footer id="footer">')[2]


def test_the_image_has_the_file() -> None:
    assert "COPY manage.py pyproject.toml ./" in (ROOT / "Dockerfile").read_text()
    assert "!pyproject.toml" in (ROOT / ".dockerignore").read_text().splitlines()
