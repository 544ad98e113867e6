"""A lookup of texts in any case: `name__any_case` finds “иванова” in “Иванова Анна”."""

import re
from typing import Any

from django.db.models import CharField, TextField
from django.db.models.lookups import IRegex


@CharField.register_lookup
@TextField.register_lookup
class AnyCase(IRegex):
    """Like icontains, but with all alphabets in SQLite, whose LIKE only knows the case of ASCII.

    There, Django's regular expressions are Python's.
    """

    lookup_name = "any_case"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql: Any = compiler.compile(IRegex(self.lhs, re.escape(self.rhs)))
        return sql
