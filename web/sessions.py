"""Django's sessions in the database. A new one can be stored in the transaction of a change."""

from copy import deepcopy
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.db import connection
from django.utils import timezone
from django.utils.crypto import get_random_string

# Django takes longer to write this than the database to run it: docs/performance.md.
READ_SESSION = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    _stored: dict[str, Any] | None = None

    def load(self) -> dict[str, Any]:
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(READ_SESSION, [self.session_key, now])
            row = cursor.fetchone()
        if row:
            return self.decode(row[0])
        self._session_key = None
        return {}

    def store_new(self) -> None:
        """Insert the new session. Django's middleware then sends its cookie, and saves nothing."""
        self.create()
        self._stored = deepcopy(dict(self.items()))

    def save(self, must_create: bool = False) -> None:
        if must_create or self._stored != dict(self.items()):
            super().save(must_create)

    def _get_new_session_key(self) -> str:
        """Return a random key without a query: `create` tries another one if it is taken."""
        return get_random_string(32, VALID_KEY_CHARS)
