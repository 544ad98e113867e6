"""python -m stripe_sandbox --port 8421 --webhook-url http://127.0.0.1:8000/stripe/webhook"""

import argparse
import socket
import sys
from contextlib import suppress

import uvicorn

from stripe_sandbox.app import create_app
from stripe_sandbox.http.connections import DroppableConnection
from stripe_sandbox.state import Sandbox

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Server(uvicorn.Server):
    """Prints a line when it is ready, so that a script can wait for it."""

    def __init__(self, config: uvicorn.Config, origin: str) -> None:
        super().__init__(config)
        self.origin = origin

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"Local Stripe on {self.origin}", flush=True)


def main() -> None:
    options = _options()
    listener = _listen("0.0.0.0" if options.in_container else options.host, options.port)  # noqa: S104
    host = f"[{options.host}]" if ":" in options.host else options.host
    origin = f"http://{host}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        create_app(Sandbox(origin=origin, webhook_url=options.webhook_url)),
        http=DroppableConnection,
        date_header=False,  # the API sends the time of its own clock
        log_level="warning",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,
    )
    with suppress(KeyboardInterrupt):
        Server(config, origin).run(sockets=[listener])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m stripe_sandbox",
        description="A local Stripe for development and tests. It moves no money.",
    )
    parser.add_argument("--port", type=int, default=8421, help="0 for a free port (default: 8421)")
    parser.add_argument("--host", default="127.0.0.1", help="127.0.0.1, ::1 or localhost")
    parser.add_argument(
        "--in-container",
        action="store_true",
        help="listen on all addresses of a container; publish the port on 127.0.0.1 only",
    )
    parser.add_argument("--webhook-url", help="the address that receives events")
    options = parser.parse_args()
    if options.host not in LOOPBACK:
        parser.error(
            f"The local Stripe listens on this machine only (127.0.0.1, ::1 or localhost), not on "
            f"{options.host}."
        )
    return options


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only if the protocol is named; without it a call takes 40 ms longer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as problem:
        sys.exit(f"Can't listen on {host}:{port}: {problem.strerror}.")
    return listener


if __name__ == "__main__":
    main()
