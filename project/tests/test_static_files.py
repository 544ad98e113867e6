"""What collectstatic makes of the shop's scripts and styles: docs/extending.md, "A theme"."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.template import Context, Template

from project.static_files import BUNDLES, OWN_TYPES, SmallStaticFiles
from tests.support.processes import ROOT

SHOP = FileSystemStorage(ROOT / "static")
OWN = {
    str(path.relative_to(SHOP.location)): (SHOP, str(path.relative_to(SHOP.location)))
    for path in Path(SHOP.location).rglob("*.*")
}
ADDRESSES = '{% load static_files %}{% stylesheet "css/shop.css" %}{% script "js/print.js" %}'


def collect(
    folder: Path, copy: Callable[[str, str], object] = shutil.copy2, **replaced: FileSystemStorage
) -> dict[str, str]:
    """Do what collectstatic does; return the texts of scripts and styles by the names of pages."""
    shutil.copytree(SHOP.location, folder, copy_function=copy, dirs_exist_ok=True)
    storage = SmallStaticFiles(location=folder)
    paths = {name: (replaced.get(Path(name).stem, SHOP), name) for name in OWN}
    for _name, _hashed, processed in storage.post_process(paths):
        assert not isinstance(processed, Exception)
    names = [name for name in (*paths, *BUNDLES) if not name.endswith(".png")]
    return {name: (folder / storage.stored_name(name)).read_text() for name in names}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return collect(tmp_path_factory.mktemp("static"))


def written(name: str) -> str:
    with SHOP.open(name) as file:
        return str(file.read().decode())


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_has_all_its_parts_in_their_order(collected: dict[str, str], name: str) -> None:
    between = "\n;" if name.endswith(".js") else "\n"
    assert collected[name] == between.join(collected[part] for part in BUNDLES[name])


def test_comments_and_spaces_are_left_out(collected: dict[str, str]) -> None:
    """tests/deployment/test_first_view.py shows in a browser that they mean the same."""
    own = [name for name in OWN if name.partition("/")[0] in OWN_TYPES]
    assert len(own) > 10
    for name in own:
        assert "/*" not in collected[name], name
        assert "\n" not in collected[name] or name.startswith("css/"), name
        assert len(collected[name]) < 0.9 * len(written(name)), name


def test_scripts_share_their_names(collected: dict[str, str]) -> None:
    """A file uses functions and values of the files before it."""
    for name in (name for name in OWN if name.startswith("js/")):
        shared = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", written(name), re.M)
        for each in shared:
            assert re.search(rf"\b{each}\b", collected[name]), (name, each)


def test_libraries_stay_as_they_were_published(collected: dict[str, str]) -> None:
    name = "vendor/htmx-4.0.1.min.js"
    assert collected[name] == written(name)


def test_every_file_is_compressed_for_browsers_that_accept_it(tmp_path: Path) -> None:
    collect(tmp_path)
    names = [path.name for path in tmp_path.glob("js/shop.*")]
    assert {name.partition(".js")[2] for name in names} == {"", ".gz", ".br"}


def test_a_file_of_a_theme_replaces_a_part_and_stays_as_it_is_written(tmp_path: Path) -> None:
    theme = FileSystemStorage(tmp_path / "theme")
    own = "/* Ours */\n:root { --paper: red; }\n"
    (tmp_path / "theme/css").mkdir(parents=True)
    (tmp_path / "theme/css/tokens.css").write_text(own)
    collected = collect(tmp_path / "static", tokens=theme)
    assert collected["css/tokens.css"] == own
    shops = [collected[name] for name in BUNDLES["css/shop.css"][1:]]
    assert collected["css/shop.css"] == "\n".join([own, *shops])


def test_a_link_to_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """collectstatic --link makes links to the files of the shop."""
    before = written("css/base.css")
    collect(tmp_path, copy=os.symlink)
    assert written("css/base.css") == before


def test_nothing_is_written_in_a_dry_run(tmp_path: Path) -> None:
    assert list(SmallStaticFiles(location=tmp_path).post_process(OWN, dry_run=True)) == []
    assert list(tmp_path.iterdir()) == []


def test_development_has_the_files_as_they_are_written() -> None:
    assert Template(ADDRESSES).render(Context()).splitlines() == [
        '<link rel="stylesheet" href="/static/css/tokens.css">',
        '<link rel="stylesheet" href="/static/css/base.css">',
        '<link rel="stylesheet" href="/static/css/frame.css">',
        '<link rel="stylesheet" href="/static/css/controls.css">',
        '<link rel="stylesheet" href="/static/css/messages.css">',
        '<link rel="stylesheet" href="/static/css/amounts.css">'
        '<script src="/static/js/print.js" defer></script>',
    ]


def test_production_has_one_file_for_a_bundle(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    backend = {"BACKEND": "project.static_files.SmallStaticFiles"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": backend}
    collect(tmp_path)
    rendered = Template(ADDRESSES).render(Context())
    assert rendered.count("<link") == rendered.count("<script") == 1
    assert 'href="/static/css/shop.' in rendered
