"""Answers for whoever watches the server: a container engine, a proxy, `make run`.

A middleware before all others, because a probe comes to an address of its own, without the shop's
host name and without TLS.
"""

import signal
from threading import Event

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from project.middleware import GetResponse

# Set while the process still answers, but wants no new requests: it is about to stop.
leaving = Event()


def leave_on(number: signal.Signals) -> None:
    signal.signal(number, lambda *_: leaving.set())


def answer_probes(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return middleware


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether to send requests here."""
    return _answer(503, "about to stop") if leaving.is_set() else _answer(200, "alive")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether they can be answered: the database is there too."""
    if leaving.is_set():
        return _answer(503, "about to stop")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _answer(503, "the database does not answer")
    return _answer(200, "ready")


def _answer(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain")


PROBES = {"/healthz": healthz, "/readyz": readyz}
