from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request as django-htmx's middleware leaves it, for type checkers."""

    htmx: HtmxDetails


def is_fragment_request(request: HtmxRequest) -> bool:
    """Whether htmx asks for a part of the page; a history restore wants the whole."""
    return bool(request.htmx) and not request.htmx.history_restore_request


class SeeOther(HttpResponseRedirect):
    """303: whatever the request's method was, the browser goes on with GET."""

    status_code = 303


def bad_request(request: HttpRequest, sentence: str) -> HttpResponse:
    """400 with a page that says what is wrong with the address."""
    return render(request, "400.html", {"sentence": sentence}, status=400)
