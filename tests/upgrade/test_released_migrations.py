"""Shops have run the migrations of a release, so these never change."""

from project.version import version
from tests.support.processes import ROOT
from tests.upgrade.recording import RELEASES
from tests.upgrade.released_migrations import APPS, edited, hash_of, present, released


def test_the_migrations_of_every_release_are_as_they_were_released() -> None:
    releases = released()
    assert releases
    now = present()
    found = [
        sentence for number, then in releases.items() for sentence in edited(number, then, now)
    ]
    assert found == []


def test_an_edited_and_a_deleted_migration_are_found() -> None:
    first, *others = [f"{app}/migrations/0001_initial.py" for app in APPS]
    then = dict.fromkeys([first, *others], hash_of("operations = []"))
    now = then | {first: hash_of("operations = [RunPython()]"), "cart/migrations/0002_x.py": "new"}
    assert edited("1.0", then, now) == [
        f"{first} was released with 1.0, so shops have run it. Put it back as it was, and add a new"
        " migration: CONTRIBUTING.md, “Migrations”."
    ]
    del now[others[0]]
    assert len(edited("1.0", then, now)) == 2


def test_comments_and_empty_lines_may_change() -> None:
    assert hash_of("# Django 6.1\n\na = 1  \n    # why\n") == hash_of("a = 1\n")
    assert hash_of("a = 1\n") != hash_of("a = 2\n")


def test_a_released_version_is_recorded_and_in_the_changelog() -> None:
    """After the release, the version in pyproject.toml ends with .dev0 again."""
    number = version()
    if number.endswith(".dev0"):
        return
    assert (RELEASES / number / "rows.json").exists(), "make recording"
    assert (RELEASES / number / "migrations.json").exists(), "make recording"
    assert f"\n## {number}, " in (ROOT / "CHANGELOG.md").read_text()
