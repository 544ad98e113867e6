"""Log lines: JSON where DEBUG is off, plain text where it is on.

They contain no personal data and no secrets: project/middleware.py logs the route of each request,
and the lines of Django and uvicorn, which contain its path, are switched off.
"""

import logging
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS

from web.request_id import request_id

JSON_FIELDS = ["levelname", "name", "message", "request_id"]
# Attributes of log records that contain the path, or colours for a terminal.
OMITTED_ATTRIBUTES = ["request", "color_message"]


def add_request_id(record: logging.LogRecord) -> bool:
    record.request_id = request_id()
    return True


def name_route_only(record: logging.LogRecord) -> bool:
    """Name the route instead of the path in Django's message about a failed request."""
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    record.msg, record.args = "/%s failed", (match.route if match else "",)
    return True


# Longer than 30 lines because it is one table.
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
                "reserved_attrs": [*RESERVED_ATTRS, *OMITTED_ATTRIBUTES],
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
            # Warnings contain the path of each refused request.
            "django.request": {"level": "ERROR", "filters": ["route_only"]},
            "django.security": {"level": "ERROR"},
            # INFO contains request parameters.
            "stripe": {"level": "WARNING"},
        },
    }
