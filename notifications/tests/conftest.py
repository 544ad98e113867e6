"""Fixtures for the tests of mails."""

from collections.abc import Iterator
from typing import Any

import pytest

from store.models import Shop
from tests.support.shop_row import edit_shop
from tests.support.smtp import MailServer, mail_server


@pytest.fixture
def smtp(settings: Any) -> Iterator[MailServer]:
    """A mail server to which the shop sends its mails."""
    with mail_server() as server:
        settings.SENDS_MAIL = True
        options = {"host": "127.0.0.1", "port": server.port, "timeout": 10}
        backend = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
        yield server


@pytest.fixture(autouse=True)
def shop(db: None) -> Shop:
    return edit_shop(name="Clay & Co", email="hello@clay.example")
