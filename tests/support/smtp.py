"""A mail server on loopback that can be slow, refuse mails, or end connections."""

import asyncio
import email
import email.policy
import logging
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's lines name addresses


class MailServer:
    """Keeps the mails that it accepts. Its attributes say what else it does."""

    def __init__(self) -> None:
        self.port = free_port()
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []  # of each attempt, accepted or not
        self.answer_to_recipient: dict[str, str] = {}
        self.answer_to_mail = "250 OK"
        self.seconds_before_answer = 0.0  # it has the mail already
        self.ends_connection_after_mail = False  # it has the mail, but doesn't say so
        self.tls_context: ssl.SSLContext | None = None  # for STARTTLS
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer again, if it doesn't."""
        if self._controller is None:
            self._controller = Controller(
                self, hostname="127.0.0.1", port=self.port, tls_context=self.tls_context
            )
            self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    def has_received(self, count: int) -> bool:
        return len(self.received) >= count

    def of(self, order: Any) -> list[EmailMessage]:
        """The received mails that name the order in their subject."""
        return [mail for mail in self.received if order.number in mail["Subject"]]

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.recipients.append(address)
        answer = self.answer_to_recipient.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.answer_to_mail.startswith("250"):
            assert isinstance(envelope.content, bytes)
            policy = email.policy.default
            self.received.append(email.message_from_bytes(envelope.content, policy=policy))
        await asyncio.sleep(self.seconds_before_answer)
        if self.ends_connection_after_mail and server.transport:
            server.transport.close()
        return self.answer_to_mail


def tls_context(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate that no authority has signed; return it with the server's context."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
    subprocess.run(  # noqa: S603
        [*command, "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context, certificate


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
