"""A lookup of texts in any case: `name__any_case` finds “иванова” in “Иванова Анна”."""

import re
from typing import Any

from django.db.models import CharField, TextField
from django.db.models.lookups import IContains, IRegex


@CharField.register_lookup
@TextField.register_lookup
class AnyCase(IRegex):
    """Like icontains, but with all alphabets in SQLite, whose LIKE only knows the case of ASCII.

    There, Django's regular expressions are Python's, which take ten times as long as LIKE.
    """

    lookup_name = "any_case"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        is_fast = connection.vendor == "sqlite" and str(self.rhs).isascii()
        lookup = IContains(self.lhs, self.rhs) if is_fast else self._as_regex()
        sql: Any = compiler.compile(lookup)
        return sql

    def _as_regex(self) -> IRegex:
        return IRegex(self.lhs, re.escape(self.rhs))
