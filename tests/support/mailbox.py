"""The mails of a running shop, which `make run` writes into files."""

import email
import email.policy
import html
import re
from email.message import EmailMessage
from pathlib import Path

from tests.support import mails
from tests.support.shops import Shop
from tests.support.waiting import wait_until


def mail_of(shop: Shop, subject: str) -> EmailMessage:
    """Wait until the worker has written the mail with this subject."""
    found: list[EmailMessage] = []

    def is_written() -> bool:
        files = sorted((shop.var_dir / "mail").glob("*.eml"))
        found.extend(each for each in map(_read, files) if each["Subject"] == subject)
        return bool(found)

    wait_until(is_written, lambda: f"no mail: {subject}")
    return found[0]


def both_texts(mail: EmailMessage) -> list[str]:
    """The plain text, and what a reader sees of the HTML: both with one space between words."""
    shown = html.unescape(re.sub(r"<[^>]+>", " ", mails.html(mail)))
    return [" ".join(text.split()) for text in (mails.plain_text(mail), shown)]


def _read(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
