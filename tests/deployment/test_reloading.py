"""`make run` and `manage.py runserver` while somebody edits the shop's files."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from project.programs import is_of_the_shop
from tests.support import http
from tests.support.editable import copy_of_the_shop, edit
from tests.support.ports import free_port
from tests.support.processes import Program, manage

RUSSIAN = {"Accept-Language": "ru"}


@dataclass(frozen=True)
class EditedShop:
    program: Program
    address: str
    folder: Path

    def edit(self, file: str, old: str, new: str) -> None:
        edit(self.folder / file, old, new)

    def wait_for(self, path: str, text: str, **headers: str) -> None:
        self.program.wait_until(lambda: self.shows(path, text, **headers))

    def shows(self, path: str, text: str, **headers: str) -> bool:
        """Whether a page has `text`. The shop refuses connections while it reloads."""
        try:
            return text in http.get(self.address + path, headers=headers).text
        except httpx.TransportError:
            return False


def environment_in(folder: Path) -> dict[str, str]:
    return {
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(folder),
        "PATH": os.environ["PATH"],
        "DEBUG": "True",
        "PORT": str(free_port()),
        "SANDBOX_PORT": str(free_port()),
    }


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditedShop]:
    var_dir = tmp_path_factory.mktemp("var")
    folder = copy_of_the_shop(tmp_path_factory.mktemp("shop"))
    environment = environment_in(var_dir)
    command = [sys.executable, "-m", "project.development"]
    with Program(command, environment, var_dir / "log", folder=folder) as program:
        program.wait_until(lambda: "Ctrl-C stops it." in program.printed())
        yield EditedShop(program, f"http://localhost:{environment['PORT']}", folder)
        assert program.stop() == 0


def test_reloads_a_template(shop: EditedShop) -> None:
    shop.wait_for("/", "</footer>")
    shop.edit("templates/footer.html", "</footer>", "<p>An edited template.</p></footer>")
    shop.wait_for("/", "An edited template.")


def test_reloads_python_and_keeps_the_local_stripe(shop: EditedShop) -> None:
    local_stripe = shop.program.child("stripe_sandbox")
    shop.edit("project/health.py", '"alive"', '"alive, and edited"')
    shop.wait_for("/healthz", "alive, and edited")
    assert local_stripe
    assert shop.program.child("stripe_sandbox") == local_stripe


def test_compiles_and_reloads_a_translation(shop: EditedShop) -> None:
    shop.wait_for("/", "Мы их не видим.", **RUSSIAN)
    shop.edit("locale/ru/LC_MESSAGES/django.po", "Мы их не видим.", "Мы не видим их.")
    shop.wait_for("/", "Мы не видим их.", **RUSSIAN)


def test_reloads_the_worker(shop: EditedShop) -> None:
    shop.edit("project/worker.py", '"%s finished"', '"%s finished, and edited"')
    shop.program.wait_until(lambda: "clean_carts finished, and edited" in shop.program.printed())


@pytest.mark.parametrize("file", ["store/urls.py", "project/worker.py"])
def test_an_error_in_a_file_waits_for_the_next_change(shop: EditedShop, file: str) -> None:
    said = len(shop.program.printed())
    shop.edit(file, "import", "imporrt")
    shop.program.wait_until(
        lambda: "It starts again after the next change." in shop.program.printed()[said:]
    )
    shop.edit(file, "imporrt", "import")
    shop.wait_for("/healthz", "alive")


def test_runserver_reloads_python_and_stops(tmp_path: Path) -> None:
    folder = copy_of_the_shop(tmp_path / "shop")
    environment = environment_in(tmp_path)
    manage(environment, "migrate", "-v0")
    address = f"http://127.0.0.1:{environment['PORT']}"
    command = [sys.executable, "manage.py", "runserver", address.removeprefix("http://")]
    with Program(
        command, environment, tmp_path / "log", ready=f"{address}/readyz", folder=folder
    ) as program:
        shop = EditedShop(program, address, folder)
        shop.edit("project/health.py", '"alive"', '"alive, and edited"')

        def shows_the_edited_file() -> bool:
            """Django notices the first change after it has seen the file, so change it again."""
            (folder / "project/health.py").touch()
            return shop.shows("/healthz", "alive, and edited")

        program.wait_until(shows_the_edited_file)
        program.stop(signal.SIGTERM)
        assert "Traceback" not in program.printed()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("cart/views.py", True),
        ("templates/base.html", True),
        ("locale/ru/LC_MESSAGES/django.po", True),
        ("locale/ru/LC_MESSAGES/django.mo", False),  # the reload writes it
        ("cart/__pycache__/views.cpython-313.pyc", False),
        ("cart/tests/test_views.py", False),
        ("cart/.views.py.swp", False),
    ],
)
def test_reloads_for_files_of_the_shop_only(path: str, expected: bool) -> None:
    assert is_of_the_shop(Path(path)) == expected
