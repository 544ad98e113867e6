"""Refuse changes that another site's page sent with the visitor's cookies.

A browser says in a header where a request comes from, so no form needs a token:
OWASP's cheat sheet on cross-site request forgery, "Fetch Metadata headers"
(https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html)
and Go's http.CrossOriginProtection (https://pkg.go.dev/net/http#CrossOriginProtection).
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from web.addresses import origin
from web.http import HtmxRequest, View, log_reason, refuse

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


def is_from_other_site(request: HttpRequest) -> bool | None:
    """Whether the request's headers name another site; None if they name no site at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    sender = request.headers.get("Origin", request.headers.get("Referer"))
    if sender is None:
        return None
    own_origins = (f"{request.scheme}://{request.get_host()}", origin(settings.BASE_URL))
    return origin(sender) not in own_origins


class RefuseOtherSites:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Django's admin sets this cookie; nothing reads it.
        response.cookies.pop(settings.CSRF_COOKIE_NAME, None)
        return response

    def process_view(
        self, request: HtmxRequest, view: View, _arguments: Any, _values: Any
    ) -> HttpResponse | None:
        is_exempt = (
            request.method in SAFE_METHODS
            or getattr(view, "csrf_exempt", False)
            # Django's test client sets it, unless a test asks for enforce_csrf_checks.
            or getattr(request, "_dont_enforce_csrf_checks", False)
        )
        if not is_exempt and _must_be_refused(request):
            return _refusal(request)
        # The admin's login would check for a token otherwise.
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        return None


def _must_be_refused(request: HttpRequest) -> bool:
    """A request that names no site, like curl's, passes if it has no session to misuse."""
    is_foreign = is_from_other_site(request)
    if is_foreign is None:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        return has_session or request.path_info.startswith("/admin/")
    return is_foreign


def _refusal(request: HtmxRequest) -> HttpResponse:
    names = ("Sec-Fetch-Site", "Origin")
    # Only their beginnings: a client may send any number of bytes.
    sent = ", ".join(f"{name} {request.headers.get(name)!r:.100}" for name in names)
    log_reason(request, f"from another site: {sent}")
    message = _(
        "We can’t tell that you pressed the button on the shop’s own page, so nothing was done. "
        "Open the page in the shop and press the button there."
    )
    return refuse(request, "403.html", status=403, code="other_site", message=message)
