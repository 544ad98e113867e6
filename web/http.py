"""Requests and answers: fragments for htmx, redirects, and views that only take POST."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

View = Callable[..., HttpResponse]
GetResponse = Callable[[HttpRequest], HttpResponseBase]  # what a middleware calls

CACHE_CONTROL = "private, no-cache"
CACHE_CONTROL_WITH_SESSION = f"{CACHE_CONTROL}, no-store"
VARY_FOR_FRAGMENTS = ["HX-Request", "HX-History-Restore-Request"]
VARY = ["Cookie", "Accept-Language", "Accept-Encoding", *VARY_FOR_FRAGMENTS]


class HtmxRequest(HttpRequest):
    """A request with the attribute that django-htmx's middleware adds, for type checkers."""

    htmx: HtmxDetails


def log_reason(request: HttpRequest, reason: str) -> None:
    """Set what the request's line in the log says about its refusal (project/middleware.py)."""
    request.refusal_reason = reason  # type: ignore[attr-defined]


def is_fragment_request(request: HtmxRequest) -> bool:
    """Whether htmx asks for a part of the page. A history restore needs the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def render_page(
    request: HtmxRequest,
    template: str,
    context: dict[str, Any],
    *,
    fragment: str,
    status: int = 200,
) -> HttpResponse:
    """Render a page, or only its partial `fragment` if htmx asks for a part of the page."""
    if is_fragment_request(request):
        response = render_fragment(request, f"{template}#{fragment}", context, status=status)
    else:
        response = render(request, template, context, status=status)
    patch_vary_headers(response, VARY_FOR_FRAGMENTS)
    return response


def render_fragment(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a part of a page for htmx.

    The header tells the page's script that the answer is the shop's fragment, and not the error
    page of a proxy.
    """
    response = render(request, template, context, status=status)
    response["X-Fragment"] = "true"
    return response


def same_for_everybody(*parameters: str) -> Callable[[View], View]:
    """Say that a page is the same for all visitors without a session (project/catalogue_cache.py).

    `parameters` names the parameters that change the page, in the order that the shop's links have.
    A browser with a session must not store the page: Back must show what the cart holds by now.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, **values: Any) -> HttpResponse:
            response = view(request, **values)
            has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
            response["Cache-Control"] = CACHE_CONTROL_WITH_SESSION if has_session else CACHE_CONTROL
            patch_vary_headers(response, VARY)
            return response

        wrapper.shared_parameters = parameters  # type: ignore[attr-defined]
        return wrapper

    return decorate


class SeeOther(HttpResponseRedirect):
    """303: the browser requests the new address with GET, also after a POST."""

    status_code = 303


def bad_request(request: HttpRequest, message: str) -> HttpResponse:
    """Answer 400 with a page that says what is wrong with the address."""
    return render(request, "400.html", {"message": message}, status=400)


def refuse(
    request: HtmxRequest, template: str, *, status: int, code: str, message: str, **context: str
) -> HttpResponse:
    """Say why nothing was done: on a page, or in JSON for the page's script and for programs."""
    preferred = request.get_preferred_type(["text/html", "application/json"])
    if request.htmx or preferred == "application/json":
        return JsonResponse({"error": {"code": code, "message": message}}, status=status)
    return render(request, template, {"message": message, **context}, status=status)


def post_only(page: str, *arguments: str) -> Callable[[View], View]:
    """Accept POST; answer GET and HEAD with 303 to `page`, the URL name of the page with the form.

    `arguments` names the arguments of the view that the address of `page` needs too.
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
