"""The database of a release as JSON: what tests/upgrade/VERSION/rows.json contains."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps as todays_apps
from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

RELEASES = Path(__file__).parent
FILE = "rows.json"


@dataclass(frozen=True)
class Table:
    columns: list[str]
    rows: list[list[Any]]

    def as_json(self) -> str:
        """A line for each row, so that people can read it."""
        rows = ",\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in self.rows)
        return f'{{"columns": {json.dumps(self.columns)}, "rows": [\n{rows}\n]}}'


@dataclass(frozen=True)
class Recording:
    recorded_at: datetime
    migrations: dict[str, str]  # the last one of each app
    tables: dict[str, Table]  # by the label of their model

    def write(self, folder: Path) -> None:
        tables = (f"{json.dumps(label)}: {table.as_json()}" for label, table in self.tables.items())
        (folder / FILE).write_text(
            f'{{"recorded_at": "{self.recorded_at.isoformat()}",\n'
            f'"migrations": {json.dumps(self.migrations)},\n'
            f'"tables": {{\n{",\n".join(tables)}\n}}}}\n',
            encoding="utf-8",
        )

    def rows_of(self, label: str) -> Iterator[dict[str, Any]]:
        """The recorded rows of a model by the names of their columns."""
        table = self.tables[label]
        return (dict(zip(table.columns, row, strict=True)) for row in table.rows)


@dataclass(frozen=True)
class Upgraded:
    """A recording that was loaded and migrated: the database of the tests has it now."""

    recording: Recording
    release: Apps  # the models of the release
    later: timedelta  # how much all times were moved
    differences: list[tuple[str, str]]  # directly after `migrate`


def read(folder: Path) -> Recording:
    stored = json.loads((folder / FILE).read_text(encoding="utf-8"))
    tables = {label: Table(**table) for label, table in stored["tables"].items()}
    recorded_at = datetime.fromisoformat(stored["recorded_at"])
    return Recording(recorded_at, stored["migrations"], tables)


def newest_release() -> Path:
    """The folder of the release with the highest version."""
    folders = [file.parent for file in RELEASES.glob(f"*/{FILE}")]
    return max(folders, key=lambda folder: [int(part) for part in folder.name.split(".")])


def record(at: datetime) -> Recording:
    """Read all tables of today's models."""
    leaves = MigrationLoader(connection).graph.leaf_nodes()
    models = sorted(_models(todays_apps), key=lambda model: model._meta.label)
    return Recording(at, dict(leaves), {model._meta.label: _read(model) for model in models})


def load(recording: Recording, apps: Apps, *, later: timedelta) -> None:
    """Insert the rows with the models of the release. All times are moved by `later`."""
    with transaction.atomic():
        for label in recording.tables:
            model = apps.get_model(label)
            for row in recording.rows_of(label):
                values = {name: _value(model, name, row[name], later) for name in row}
                model(**values).save_base(raw=True, force_insert=True)  # as `loaddata` does
    with connection.cursor() as cursor:
        models = [apps.get_model(label) for label in recording.tables]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def differences(recording: Recording, apps: Apps, *, later: timedelta) -> Iterator[tuple[str, str]]:
    """Compare today's rows with those that were loaded.

    Yields where the difference is, as a model or a field, and a sentence. New tables, columns and
    rows are none.
    """
    models = {model._meta.db_table: model for model in _models(todays_apps)}
    for label in recording.tables:
        model = models.get(apps.get_model(label)._meta.db_table)
        if model is None:
            yield label, f"the table of {label} is gone"
        else:
            yield from _differences_of(recording, label, model, later)


def _differences_of(
    recording: Recording, label: str, model: type[Model], later: timedelta
) -> Iterator[tuple[str, str]]:
    present = {field.attname for field in model._meta.concrete_fields}
    columns = recording.tables[label].columns
    for gone in [name for name in columns if name not in present]:
        yield f"{label}.{gone}", f"{label}.{gone} is gone"
    names = [name for name in columns if name in present]
    key = names.index(model._meta.pk.attname)
    stored = {row[key]: row for row in model._base_manager.values_list(*names)}
    for row in recording.rows_of(label):
        values = [_value(model, name, row[name], later) for name in names]
        now = stored.get(values[key])
        if now is None:
            yield label, f"{label} {values[key]} is gone"
            continue
        for name, before, after in zip(names, values, now, strict=True):
            if before != after:
                sentence = f"{label} {values[key]}: {name} was {before!r} and is {after!r}"
                yield f"{label}.{name}", sentence


def _models(apps: Apps) -> list[type[Model]]:
    models = apps.get_models(include_auto_created=True)
    return [model for model in models if model._meta.managed and not model._meta.proxy]


def _read(model: type[Model]) -> Table:
    columns = [field.attname for field in model._meta.concrete_fields]
    rows = model._base_manager.order_by("pk").values_list(*columns)
    return Table(columns, [list(row) for row in rows])


def _value(model: type[Model], name: str, recorded: Any, later: timedelta) -> Any:
    """A value of JSON as the field's own type."""
    value = model._meta.get_field(name).to_python(recorded)  # type: ignore[union-attr]
    return value + later if isinstance(value, datetime) else value
