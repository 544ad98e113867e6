"""Log lines: JSON for machines where DEBUG is off, plain for people where it is on.

No personal data and no secrets: requests are logged by their route (project/middleware.py), so the
lines that Django and uvicorn write about each request are left out.
"""

import logging
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS

from web.request_id import request_id

JSON_FIELDS = ["levelname", "name", "message", "request_id"]
# The path once more, and uvicorn's message for terminals.
LEFT_OUT = ["request", "color_message"]


def add_request_id(record: logging.LogRecord) -> bool:
    record.request_id = request_id()
    return True


def name_route_only(record: logging.LogRecord) -> bool:
    """Django's line about a request that failed, without the path; its traceback stays."""
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    record.msg, record.args = "/%s failed", (match.route if match else "",)
    return True


def logging_config(level: str, *, as_json: bool) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": lambda: add_request_id},
            "route_only": {"()": lambda: name_route_only},
        },
        "formatters": {
            "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": JSON_FIELDS,
                "timestamp": True,
                "reserved_attrs": [*RESERVED_ATTRS, *LEFT_OUT],
                "rename_fields": {"levelname": "level", "name": "logger"},
            },
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "plain",
                "filters": ["request_id"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO"},
            # Warnings name the path of every request that was refused.
            "django.request": {"level": "ERROR", "filters": ["route_only"]},
            "django.security": {"level": "ERROR"},
            # Request parameters at INFO.
            "stripe": {"level": "WARNING"},
        },
    }
