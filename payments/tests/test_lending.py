"""A thread that waits for Stripe leaves its database connection to others where it is shared."""

from typing import Any

import pytest
from django.db import connection, transaction

from payments.patience import slot


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_shared", [True, False])
def test_only_a_shared_connection_outside_a_transaction_is_lent(
    monkeypatch: pytest.MonkeyPatch, is_shared: bool
) -> None:
    closed: list[Any] = []
    options: dict[str, Any] = {"pool": {}} if is_shared else {}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    monkeypatch.setattr(connection, "close", lambda: closed.append(connection.alias))
    with transaction.atomic(), slot():
        assert closed == []
    with slot():
        assert closed == (["default"] if is_shared else [])
