"""Turn EMAIL_URL into a value of Django's MAILERS."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from project.environment import Environment, fail_startup

CONSOLE = "consolemail://"
EXAMPLE = "smtp+tls://user:password@mail.example:587"
TIMEOUT_SECONDS = 10


def mailer(url: str) -> dict[str, Any]:
    """smtp+tls:// is STARTTLS, smtp+ssl:// is TLS from the start; consolemail:// prints mail."""
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
