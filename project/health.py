"""/healthz and /readyz, for a container engine and a proxy.

This middleware comes before all others, because a probe uses the container's own address: neither
the shop's host name nor TLS.
"""

import signal
from threading import Event

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from web.http import GetResponse

# Set when the process is about to stop: it still answers, but asks the proxy for no new requests.
draining = Event()


def drain_on(number: signal.Signals) -> None:
    signal.signal(number, lambda *_: draining.set())


def answer_probes(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return middleware


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process takes new requests."""
    return _answer(503, "about to stop") if draining.is_set() else _answer(200, "alive")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this process takes new requests and the database answers."""
    if draining.is_set():
        return _answer(503, "about to stop")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _answer(503, "the database does not answer")
    return _answer(200, "ready")


def _answer(status: int, message: str) -> HttpResponse:
    return HttpResponse(message, status=status, content_type="text/plain")


PROBES = {"/healthz": healthz, "/readyz": readyz}
