"""`python -m project.server`: the public server, with WEB_CONCURRENCY processes.

After SIGTERM it answers /healthz with 503 for DRAIN_SECONDS and still serves requests, so that the
proxy can switch to another server. Then it stops listening and finishes the requests it has.
"""

import os
import signal
import socket
import time

import django
import uvicorn
from uvicorn.supervisors import Multiprocess

from project.request_heads import LimitHeads
from project.slow_readers import LimitReading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

# A little longer than a request may wait for Stripe: REQUEST_SECONDS in
# payments/stripe_api/client.py.
FINISH_SECONDS = 15
# Longer than the proxy keeps an idle connection (deploy/Caddyfile): otherwise the proxy could
# send a request on a connection that this server is just closing.
KEEP_ALIVE_SECONDS = 75

# For glibc's malloc in the processes below: one heap for all threads, since only one computes at a
# time, and texts as long as a page outside of it. Otherwise its free parts add up to a fifth of
# the memory, and grow for tens of thousands of requests (docs/performance.md).
MALLOC = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "16384"}


class Connection(LimitHeads, LimitReading):
    """uvicorn's HTTP protocol with the shop's limits."""


class Supervisor(Multiprocess):
    """Restarts processes that died, and lets them drain before it stops them."""

    def __init__(self, config: uvicorn.Config, *, drain_seconds: int) -> None:
        super().__init__(config, sockets=[listening_socket(config)])
        self.drain_seconds = drain_seconds

    def terminate_all(self) -> None:
        for process in self.processes:
            if process.pid and process.exitcode is None:
                os.kill(process.pid, signal.SIGUSR1)
        time.sleep(self.drain_seconds)
        super().terminate_all()


def listening_socket(config: uvicorn.Config) -> socket.socket:
    """Bind the server's address, with TCP_NODELAY for each connection that it accepts.

    Without the option a response on a connection that is used again waits 40 ms for the client.
    asyncio sets it only on a socket with a protocol number, and uvicorn's has none:
    https://github.com/Kludex/uvicorn/issues/3149
    """
    bound = config.bind_socket()
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "sqlite":  # no other server uses this file
        call_command("migrate", verbosity=0)
        connection.close()
    for name, value in MALLOC.items():
        os.environ.setdefault(name, value)
    config = uvicorn.Config(
        "project.asgi:application",
        host="0.0.0.0",  # noqa: S104  # a container is only reachable on published ports
        port=settings.PORT,
        workers=settings.WEB_CONCURRENCY,
        loop=settings.SERVER_LOOP,
        http=Connection,
        lifespan="off",
        proxy_headers=True,
        forwarded_allow_ips=settings.FORWARDED_ALLOW_IPS,
        server_header=False,
        access_log=False,  # project/middleware.py writes one
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )
    Supervisor(config, drain_seconds=settings.DRAIN_SECONDS).run()


if __name__ == "__main__":
    main()
