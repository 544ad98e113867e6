"""Add a request id, a log line and policies to every response."""

import logging
import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase
from django.utils.csp import CSP, build_policy

from web.http import CACHE_CONTROL, GetResponse
from web.request_id import new_request_id

logger = logging.getLogger("minicart.requests")

# The shop needs none of these. `payment` isn't listed because Stripe's frames use it.
PERMISSIONS_POLICY = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
    "gyroscope=(), magnetometer=(), microphone=(), midi=(), usb=()"
)


def identify_request(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        start = time.monotonic()
        with new_request_id() as request_id:
            response = get_response(request)
            response.headers["X-Request-ID"] = request_id
            if response.status_code >= 400:  # a cache could keep a 404, which may have a badge
                response.headers.setdefault("Cache-Control", CACHE_CONTROL)
            _log(request, response, time.monotonic() - start)
        return response

    return middleware


def _log(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """Log the route, not the path, which may hold an order's token; no address, no user agent.

    Static files and redirects to https have no route and are not logged.
    """
    if request.resolver_match is None and response.status_code < 400:
        return
    route = request.resolver_match.route if request.resolver_match else ""
    milliseconds = round(seconds * 1000)
    reason = getattr(request, "refusal_reason", "")  # web.http.log_reason
    logger.info(
        "%s /%s %s%s",
        request.method,
        route,
        response.status_code,
        f", {reason}" if reason else "",
        extra={"status": response.status_code, "milliseconds": milliseconds},
    )


def end_idle_logins(get_response: GetResponse) -> GetResponse:
    """End a session with a login after STAFF_SESSION_AGE seconds without a request.

    A refused request doesn't count: another site may have sent it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_refused = response.status_code >= 400
        if request.session.accessed and not is_refused and SESSION_KEY in request.session:
            request.session.set_expiry(settings.STAFF_SESSION_AGE)
        return response

    return middleware


def limit_permissions(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        return response

    return middleware


def protect_admin(get_response: GetResponse) -> GetResponse:
    """Send the admin's policies on /admin/. Django's middleware sends SECURE_CSP elsewhere."""
    policy = build_policy(settings.ADMIN_CSP)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path_info.startswith("/admin/"):
            if not hasattr(response, "_csp_config"):  # Django's debug pages set one
                response.headers.setdefault(CSP.HEADER_ENFORCE.value, policy)
            response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return response

    return middleware
