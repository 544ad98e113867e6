"""`python -m project.server`: the shop as a public server runs it, WEB_CONCURRENCY processes of it.

On SIGTERM it first answers /healthz with 503 for DRAIN_SECONDS and goes on serving, so that a proxy
sends its requests elsewhere; then it accepts nothing new and finishes what it has begun.
"""

import os
import signal
import time

import django
import uvicorn
from uvicorn.supervisors import Multiprocess

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

# A little longer than REQUEST_SECONDS of payments/stripe_api/client.py: requests can finish.
FINISH_SECONDS = 15
# Longer than the proxy keeps an idle connection (deploy/Caddyfile), so that the proxy ends it: else
# a press of Buy can be sent on one that is just being closed.
KEEP_ALIVE_SECONDS = 75


class Supervisor(Multiprocess):
    """Restarts a process that died; tells all of them before it stops them."""

    def __init__(self, config: uvicorn.Config, *, drain_seconds: int) -> None:
        super().__init__(config, sockets=[config.bind_socket()])
        self.drain_seconds = drain_seconds

    def terminate_all(self) -> None:
        for process in self.processes:
            if process.pid and process.exitcode is None:
                os.kill(process.pid, signal.SIGUSR1)
        time.sleep(self.drain_seconds)
        super().terminate_all()


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "sqlite":  # the file of this one server: nobody else migrates it
        call_command("migrate", verbosity=0)
        connection.close()
    config = uvicorn.Config(
        "project.asgi:application",
        host="0.0.0.0",  # noqa: S104  # a container's network is closed unless a port is published
        port=settings.PORT,
        workers=settings.WEB_CONCURRENCY,
        lifespan="off",
        proxy_headers=True,
        forwarded_allow_ips=settings.FORWARDED_ALLOW_IPS,
        server_header=False,
        access_log=False,  # the shop writes its own: project/middleware.py
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )
    Supervisor(config, drain_seconds=settings.DRAIN_SECONDS).run()


if __name__ == "__main__":
    main()
