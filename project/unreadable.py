"""Refuse requests that Django or PostgreSQL would fail to read."""

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.http import MAX_HEADER_LENGTH, parse_header_parameters

from project.files import WSGIApplication
from web.http import GetResponse

UNREADABLE = "application/x-unreadable"
UTF_8 = re.compile(r';\s*charset\s*=\s*("?)utf-8\1\s*(?=;|$)', re.IGNORECASE)


def mark_unreadable_type(application: WSGIApplication) -> WSGIApplication:
    """Replace a Content-Type that can't be read or names another charset than UTF-8.

    Django parses it before any middleware. If it names a charset, Django parses the query then too,
    and the answer to an error there would be 500.
    """

    def marking(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = _without_charset(environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return marking


def _without_charset(content_type: str) -> str:
    rest = UTF_8.sub("", content_type)
    try:
        parameters = parse_header_parameters(rest)[1]
    except ValueError:
        return UNREADABLE
    return UNREADABLE if "charset" in parameters else rest


def refuse_unreadable(get_response: GetResponse) -> GetResponse:
    """Answer 400 to a request whose query, type, accepted types or session cookie can't be read."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not _is_session_key(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")):
            response = _refusal(request)
            response.delete_cookie(settings.SESSION_COOKIE_NAME)  # the next request is fine then
            return response
        is_accept_too_long = len(request.headers.get("Accept", "")) > MAX_HEADER_LENGTH
        has_nul = "%00" in request.META["QUERY_STRING"]  # PostgreSQL accepts none
        if request.content_type == UNREADABLE or is_accept_too_long or has_nul:
            return _refusal(request)
        return get_response(request)

    return middleware


def _is_session_key(cookie: str) -> bool:
    """Whether a server may have sent it."""
    return cookie.isascii() and cookie.isprintable()


def _refusal(request: HttpRequest) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        return render(request, "400.html", status=400)
