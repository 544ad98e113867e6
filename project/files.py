"""Send pictures and static files without a thread that waits for a slow client.

Django hands a file to WSGI's file wrapper; SendFiles sends it from the event loop.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO
from wsgiref.util import FileWrapper

from project.bodies import Application, Message, Receive, Scope, Send

WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

FILE = "minicart.file"
CHUNK = 64 * 1024


def hand_over_files(application: WSGIApplication) -> WSGIApplication:
    """Leave the file of a response to SendFiles, and end the response without it."""

    def handing_over(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def wrap(file: Any, block_size: int) -> Iterable[bytes]:
            wrapper = FileWrapper(file, block_size)
            try:
                number = os.dup(file.fileno())  # Django closes the file when its thread is done
            except OSError:  # a part of a file that whitenoise sends
                return wrapper
            environ["asgi.scope"][FILE] = open(number, "rb")  # noqa: SIM115  # SendFiles closes it
            return Handed(wrapper)

        environ["wsgi.file_wrapper"] = wrap
        return application(environ, start_response)

    return handing_over


class Handed:
    """A response without a body, which closes the one with the file."""

    def __init__(self, response: FileWrapper) -> None:
        self.close = response.close

    def __iter__(self) -> Any:
        return iter(())


async def send_content(file: BinaryIO, send: Send) -> None:
    while chunk := await asyncio.to_thread(file.read, CHUNK):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


class SendFiles:
    """ASGI middleware around hand_over_files."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_file(message: Message) -> None:
            is_end = message["type"] == "http.response.body" and not message.get("more_body")
            if is_end and FILE in scope:
                with scope[FILE] as file:
                    if scope["method"] != "HEAD":
                        await send_content(file, send)
            await send(message)

        await self.application(scope, receive, send_with_file)
