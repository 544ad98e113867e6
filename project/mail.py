"""EMAIL_URL, as Django's MAILERS has it."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from project.environment import Environment, refuse

CONSOLE = "consolemail://"
EXAMPLE = "smtp+tls://user:password@mail.example:587"
SECONDS = 10


def mailer(url: str) -> dict[str, Any]:
    """smtp+tls:// encrypts after the greeting, smtp+ssl:// before it; consolemail:// prints."""
    try:
        config = Environment.email_url_config(url)
    except (ImproperlyConfigured, ValueError):
        refuse(f"EMAIL_URL must look like {EXAMPLE}; smtp+ssl:// and {CONSOLE} are known too.")
    if "smtp" not in config["EMAIL_BACKEND"]:
        return {"BACKEND": config["EMAIL_BACKEND"]}
    if not config["EMAIL_HOST"]:
        refuse(f"EMAIL_URL must name a host, like {EXAMPLE}.")
    options = {
        "host": config["EMAIL_HOST"],
        "port": config["EMAIL_PORT"] or (465 if "EMAIL_USE_SSL" in config else 587),
        "username": config["EMAIL_HOST_USER"] or "",
        "password": config["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": config.get("EMAIL_USE_TLS", False),
        "use_ssl": config.get("EMAIL_USE_SSL", False),
        "timeout": SECONDS,
    }
    return {"BACKEND": config["EMAIL_BACKEND"], "OPTIONS": options}
