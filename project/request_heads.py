"""uvicorn's HTTP protocol with a limit on the request line and headers, which it doesn't have."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 64 * 1024  # in bytes


class LimitHeads(HttpToolsProtocol):
    """Answers 400 and closes the connection if a head is larger than HEAD_LIMIT."""

    head_size = 0  # what has arrived since the last head or part of a body was complete

    def data_received(self, data: bytes) -> None:
        self.head_size += len(data)
        super().data_received(data)
        if self.head_size > HEAD_LIMIT and not self.transport.is_closing():
            self.send_400_response("The request line and headers are too large.")

    def on_headers_complete(self) -> None:
        self.head_size = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.head_size = 0
        super().on_body(body)
