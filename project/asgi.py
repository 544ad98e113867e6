"""The application for uvicorn: Django's WSGI handler on long-lived threads, behind whole bodies.

Why not Django's ASGI handler: docs/decisions/0001-wsgi-behind-uvicorn.md.
"""

import os
import signal

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django_application = get_wsgi_application()

from django.conf import settings  # noqa: E402  # needs the settings above

from project.bodies import ReceiveBodies  # noqa: E402
from project.files import SendFiles, hand_over_files  # noqa: E402
from project.health import drain_on  # noqa: E402
from project.unreadable import mark_unreadable_type  # noqa: E402

drain_on(signal.SIGUSR1)  # project/server.py sends it before SIGTERM

wsgi_application = mark_unreadable_type(django_application)
threads = WSGIMiddleware(
    hand_over_files(wsgi_application),  # type: ignore[arg-type]
    workers=settings.WORKER_THREADS,
    # No limit: no thread waits until a client reads. What may be large is a file: project/files.py.
    send_queue_size=0,
)
application = ReceiveBodies(SendFiles(threads))  # type: ignore[arg-type]
