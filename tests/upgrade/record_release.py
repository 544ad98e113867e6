"""`make recording`: record the database and the migrations of the version in pyproject.toml.

Without RECORDING, as in `make test-all`, it only shows that this works.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.utils import timezone

from cart.models import Order, State
from notifications.models import Mail, MailState
from payments.models import Payment, PaymentState, Refund, RefundState
from project.version import version
from tests.support.local_stripe import LocalStripe
from tests.support.processes import ROOT
from tests.upgrade import released_migrations
from tests.upgrade.populate import populate
from tests.upgrade.recording import RELEASES, read, record


@pytest.mark.django_db(transaction=True)
def test_record(local_stripe: LocalStripe, tmp_path: Path) -> None:
    folder = tmp_path
    if os.environ.get("RECORDING"):
        folder = folder_of_release(version())
    populate(local_stripe)
    assert missing_rows() == []
    recording = record(timezone.now())
    recording.write(folder)
    released_migrations.write(folder)
    assert read(folder).migrations == recording.migrations


def folder_of_release(number: str) -> Path:
    assert ".dev" not in number, f"{number} is no release: change the version in pyproject.toml."
    tags = subprocess.run(
        ["git", "tag", "--list", f"v{number}"], cwd=ROOT, capture_output=True, check=True
    )
    assert not tags.stdout, f"{number} is released, so its recording must stay as it is."
    folder = RELEASES / number
    folder.mkdir(exist_ok=True)
    return folder


def missing_rows() -> list[str]:
    """The models without a row, and the states without one."""
    models = [model for app in released_migrations.APPS for model in _models(app)]
    empty = [model._meta.label for model in models if not model._base_manager.exists()]
    kinds: list[tuple[type[Model], Any]] = [
        (Order, State),
        (Payment, PaymentState),
        (Refund, RefundState),
        (Mail, MailState),
    ]
    for model, states in kinds:
        present = set(model._base_manager.values_list("state", flat=True))
        empty += [f"{model._meta.label}: {state}" for state in states if state not in present]
    return empty


def _models(app: str) -> list[type[Model]]:
    return list(apps.get_app_config(app).get_models(include_auto_created=True))
