"""Log lines: JSON where DEBUG is off, plain text where it is on.

They contain no personal data and no secrets: project/middleware.py logs the route of each request,
the lines of Django and uvicorn that contain its path are switched off, and what an error message
may contain is hidden.
"""

import copy
import logging
import re
import traceback
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS

from web.request_id import request_id

JSON_FIELDS = ["levelname", "name", "message", "request_id"]
# Attributes of log records that contain the path, or colours for a terminal.
OMITTED_ATTRIBUTES = ["request", "color_message"]
# Clients cause messages of any length, so the time must grow with the length only: a lookbehind
# starts a match at the beginning of a word, and possessive quantifiers (++) never go back.
SECRETS = re.compile(
    r"""
    (?<![\w.+%-]) (?: [\w.+%-]++ @ [\w-]++ (?:\.[\w-]++)++ )++  # e-mail addresses
    | (?: [sr]k_(?:test|live)_ | whsec_ | _secret_ ) \w++  # Stripe's keys and client secrets
    # tokens of orders: cart.models.order.new_token
    | (?<![\w-]) (?=[\w-]{0,31}[a-z]) (?=[\w-]{0,31}[A-Z]) [A-Za-z0-9_-]{32} (?![\w-])
    # PostgreSQL's messages show the whole row that it refuses
    | (?<=\n) DETAIL: .*? (?= \n\n(?:The\ above|During\ handling) | \Z )
    """,
    re.VERBOSE | re.DOTALL,
)


def without_secrets(text: str) -> str:
    return SECRETS.sub("[hidden]", text)


def hide_secrets(record: logging.LogRecord) -> logging.LogRecord:
    """Return a copy of the record without secrets. Other handlers get the record itself."""
    copied = copy.copy(record)
    copied.msg, copied.args = without_secrets(record.getMessage()), None
    if record.exc_info:
        copied.exc_text = without_secrets("".join(traceback.format_exception(*record.exc_info)))
        copied.exc_info = None
    return copied


def log_as_info(record: logging.LogRecord) -> bool:
    """Turn uvicorn's warnings into INFO: each is about a request that isn't HTTP."""
    if record.levelno == logging.WARNING:
        record.levelno, record.levelname = logging.INFO, "INFO"
    return logging.getLogger(record.name).isEnabledFor(record.levelno)


def add_request_id(record: logging.LogRecord) -> bool:
    record.request_id = request_id()
    return True


def is_uncaught(record: logging.LogRecord) -> bool:
    """Log an uncaught error, with the route instead of the path in Django's message.

    Django also logs every 5xx that a view returns. The view has logged its reason if the shop or
    Stripe is to blame.
    """
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    record.msg, record.args = "/%s failed", (match.route if match else "",)
    return record.exc_info is not None


# Longer than 30 lines because it is one table.
def logging_config(level: str, *, as_json: bool) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": lambda: add_request_id},
            "no_secrets": {"()": lambda: hide_secrets},
            "as_info": {"()": lambda: log_as_info},
            "uncaught": {"()": lambda: is_uncaught},
        },
        "formatters": {
            "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": JSON_FIELDS,
                "timestamp": True,
                "reserved_attrs": [*RESERVED_ATTRS, *OMITTED_ATTRIBUTES],
                "rename_fields": {"levelname": "level", "name": "logger"},
            },
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "plain",
                "filters": ["request_id", "no_secrets"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO"},
            # Warnings contain the path of each refused request.
            "django.request": {"level": "ERROR", "filters": ["uncaught"]},
            # Errors of clients, like a wrong host. project/middleware.py logs the request.
            "django.security": {"level": "CRITICAL"},
            "uvicorn.error": {"filters": ["as_info"]},
            # INFO contains request parameters.
            "stripe": {"level": "WARNING"},
        },
    }
