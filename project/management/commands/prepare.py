"""manage.py prepare: the database of `make run` and compose.override.yaml, with an admin user.

One program for all of it, because the start of a program takes longer than most of its work.
"""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db.models import Q


class Command(BaseCommand):
    help = (
        "Creates the tables, the sample items, pages and shipping rates if there are no items,"
        " and an admin user if there is none. Its password is in VAR_DIR/admin-password."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, stdout=self.stdout)
        call_command("seed_shipping_rates", "--if-empty", stdout=self.stdout)
        call_command("seed_catalogue", "--if-empty", stdout=self.stdout)
        if not has_admin():
            create_admin(settings.VAR_DIR / "admin-password")


def has_admin() -> bool:
    """Where a user named admin exists already, none is created and nobody is promoted."""
    return User.objects.filter(Q(is_superuser=True) | Q(username="admin")).exists()


def create_admin(password_file: Path) -> None:
    """Create an admin user with the password in the file, or with a new one.

    The password is written before its user is created, so that an interrupted start can be
    repeated.
    """
    written = password_file.read_text().strip() if password_file.exists() else ""
    password = written or secrets.token_urlsafe(12)
    password_file.touch(mode=0o600)
    password_file.chmod(0o600)
    password_file.write_text(password + "\n")
    User.objects.create_superuser("admin", "admin@shop.example", password)
