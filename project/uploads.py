"""Answer a refused body, and read what staff upload after the request was checked.

project/bodies.py has marked these requests.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from project.bodies import ADMIN, REFUSED, UNREAD, limit_of
from store.pictures.cleaning import MAX_BYTES
from web.http import HtmxRequest, View, refuse

SENTENCES = {
    400: (
        "cut_off",
        _("The form didn’t arrive completely, so nothing was changed. Send it again."),
    ),
    403: ("logged_out", _("You are not logged in, so nothing was changed. Log in and try again.")),
    408: ("too_slow", _("The form took too long to arrive, so nothing was changed. Try again.")),
    413: (
        "too_large",
        _(
            "This is more than the shop accepts (%(limit)s), so nothing was changed. Send a smaller"
            " form or picture."
        ),
    ),
    415: ("no_files", _("The shop accepts no files here, so nothing was changed.")),
    503: ("busy", _("The shop is busy, so nothing was changed. Try again in a minute.")),
}


class CheckBodies:
    """In settings.MIDDLEWARE, it needs the check for other sites and the login before it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HtmxRequest) -> HttpResponse:
        status = _mark(request, REFUSED)
        return (
            _refusal(request, status, path=request.path) if status else self.get_response(request)
        )

    def process_view(
        self, request: HtmxRequest, _view: View, _arguments: Any, _values: Any
    ) -> HttpResponse | None:
        """Read the body of staff's uploads before the view begins a transaction."""
        if not _mark(request, UNREAD):
            return None
        if not admin.site.has_permission(request):
            return _refusal(request, 403)
        close_old_connections()  # other requests can use this one while the body arrives
        try:
            request.POST  # noqa: B018  # Django reads the body here
        except UnreadablePostError as error:
            return _refusal(request, 408 if isinstance(error.__cause__, TimeoutError) else 400)
        return None


def too_large(request: HtmxRequest) -> HttpResponse:
    """The answer that deploy/Caddyfile shows when it refuses a body sent to `path`."""
    return _refusal(request, 413, path=request.GET.get("path", ""))


def _mark(request: HttpRequest, name: str) -> Any:
    return request.META.get("asgi.scope", {}).get(name)


def _refusal(request: HtmxRequest, status: int, *, path: str = "") -> HttpResponse:
    code, sentence = SENTENCES[status]
    message = str(sentence) % {"limit": filesizeformat(limit_of({"path": path}))}
    if status == 413 and path.startswith(ADMIN):
        each = {"each": MAX_BYTES // 1_000_000}
        message += " " + _("Each picture may have %(each)s MB.") % each
    response = refuse(
        request,
        "body_refused.html",
        status=status,
        code=code,
        message=message,
        form_path=path if path.startswith(ADMIN) else "",
    )
    if status in (408, 503):
        response["Connection"] = "close"  # a kept connection would keep what arrives of the body
    return response
