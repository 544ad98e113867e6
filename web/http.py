from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

View = Callable[..., HttpResponse]


class HtmxRequest(HttpRequest):
    """A request as django-htmx's middleware leaves it, for type checkers."""

    htmx: HtmxDetails


def is_fragment_request(request: HtmxRequest) -> bool:
    """Whether htmx asks for a part of the page; a history restore wants the whole."""
    return bool(request.htmx) and not request.htmx.history_restore_request


class SeeOther(HttpResponseRedirect):
    """303: whatever the request's method was, the browser goes on with GET."""

    status_code = 303


def bad_request(request: HttpRequest, message: str) -> HttpResponse:
    """400 with a page that says what is wrong with the address."""
    return render(request, "400.html", {"message": message}, status=400)


def post_only(page: str, *arguments: str) -> Callable[[View], View]:
    """Accept POST; answer GET and HEAD with 303 to `page`, the URL name of the page with the form.

    `arguments` are those of the address that the page's own address needs.
    """

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def wrapper(request: HttpRequest, **values: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **values)
            return SeeOther(reverse(page, args=[values[name] for name in arguments]))

        return wrapper

    return decorate
