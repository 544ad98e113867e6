"""Turn EMAIL_URL into a value of Django's MAILERS, and write mails to files in `make run`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.text import slugify

from project.environment import Environment, fail_startup

CONSOLE = "consolemail://"
FILES = "filemail://"  # followed by the path of a folder
EXAMPLE = "smtp+tls://user:password@mail.example:587"
TIMEOUT_SECONDS = 10


def mailer(url: str) -> dict[str, Any]:
    """smtp+tls:// is STARTTLS, smtp+ssl:// is TLS from the start; consolemail:// prints mail.

    filemail:// and a path write each mail into a file of that folder.
    """
    if url.startswith(FILES):
        return {"BACKEND": "project.mail.MailFiles", "OPTIONS": {"folder": url[len(FILES) :]}}
    try:
        config = Environment.email_url_config(url)
    except (ImproperlyConfigured, ValueError):
        fail_startup(f"EMAIL_URL must look like {EXAMPLE}; smtp+ssl:// and {CONSOLE} work too.")
    if "smtp" not in config["EMAIL_BACKEND"]:
        return {"BACKEND": config["EMAIL_BACKEND"]}
    if not config["EMAIL_HOST"]:
        fail_startup(f"EMAIL_URL must name a host, like {EXAMPLE}.")
    options = {
        "host": config["EMAIL_HOST"],
        "port": config["EMAIL_PORT"] or (465 if "EMAIL_USE_SSL" in config else 587),
        "username": config["EMAIL_HOST_USER"] or "",
        "password": config["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": config.get("EMAIL_USE_TLS", False),
        "use_ssl": config.get("EMAIL_USE_SSL", False),
        "timeout": TIMEOUT_SECONDS,
    }
    return {"BACKEND": config["EMAIL_BACKEND"], "OPTIONS": options}


class MailFiles(BaseEmailBackend):
    """Writes each mail into a file of its own, which any mail program can open."""

    def __init__(self, folder: str, **options: Any) -> None:
        super().__init__(**options)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            now = timezone.localtime()
            subject = slugify(message.subject, allow_unicode=True)[:60]
            path = self.folder / f"{now:%Y-%m-%d-%H%M%S-%f}-{subject}.eml"
            path.write_bytes(message.message().as_bytes())
        return len(email_messages)
