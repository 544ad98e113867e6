"""Send the mails of the outbox, one by one, and try those again that could not be sent."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.db.models import F
from django.utils import timezone

from notifications.models import Mail, MailState
from notifications.outdated import is_outdated
from notifications.rendering import NoStaffAddress, message_of

logger = logging.getLogger(__name__)

# Longer than it takes to send one mail by a slow server, whose every answer may take 10 seconds.
LEASE = timedelta(minutes=5)
# After the first failure, the second, …; the last one from then on.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180)]
GIVE_UP_AFTER = timedelta(days=2)
# A run ends after this many failures of the mail server in a row, and after this time, so that
# the worker's other parts have their turn.
FAILURES_IN_A_ROW = 3
RUN_TIME = timedelta(seconds=30)
# A server that accepted another mail in this time doesn't refuse everybody.
WORKS_AFTER_ACCEPTING = timedelta(days=1)
PERMANENT = 500  # https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1

Clock = Callable[[], datetime]


class CannotSend(Exception):
    """A mail could not be sent now."""

    def __init__(self, error: str, *, name: str, is_final: bool = False, by_server: bool = False):
        super().__init__(error)
        self.name = name  # for the log: without an address
        self.is_final = is_final
        self.by_server = by_server


def send_due(*, clock: Clock = timezone.now, run_time: timedelta = RUN_TIME) -> Iterator[Mail]:
    """Send the mails that are due; yield each one after it was sent or could not be sent.

    Two runs at the same time send each mail once.
    """
    end, failures, server_works = clock() + run_time, 0, False
    while failures < FAILURES_IN_A_ROW and clock() < end:
        mail = Mail.objects.due(clock()).select_related("order", "item").first()
        if mail is None:
            return
        if not _claim(mail, at=clock()):
            continue
        try:
            state = _send(mail)
        except CannotSend as error:
            failures = failures + 1 if error.by_server else 0
            _record_failure(mail, error, at=clock())
        else:
            failures = 0
            _record(mail, state=state, sent_at=clock() if state == MailState.SENT else None)
            if state == MailState.SENT and not server_works:
                server_works = True
                _wake_waiting(at=clock())
        yield mail


def send_again(mails: Any, *, at: datetime) -> int:
    """Try failed mails again from the beginning; return how many there were."""
    failed = mails.filter(state=MailState.FAILED)
    again = {"state": MailState.WAITING, "next_try_at": at, "tries": 0, "failing_since": None}
    return int(failed.update(**again))


def _claim(mail: Mail, *, at: datetime) -> bool:
    """Whether this run may send the mail. If the process dies, another one sends it later."""
    as_read = Mail.objects.filter(pk=mail.pk, state=MailState.WAITING, next_try_at=mail.next_try_at)
    mail.next_try_at = at + LEASE
    mail.tries += 1
    claimed = {"next_try_at": mail.next_try_at, "tries": F("tries") + 1}
    return as_read.update(**claimed, waits_for_server=False) == 1


def _send(mail: Mail) -> MailState:
    """Send the mail, unless it isn't true any more. Raises CannotSend."""
    try:
        if is_outdated(mail):
            return MailState.DROPPED
        message = message_of(mail)
    except NoStaffAddress as error:
        raise CannotSend(str(error), name=str(error)) from None
    except Exception as error:  # a template with an error must not stop the other mails
        logger.exception("%s can't be rendered", mail)
        raise CannotSend(_named(error), name=type(error).__name__) from None
    _hand_over(message)
    return MailState.SENT


def _hand_over(message: EmailMessage) -> None:
    """Give the message to the mail server. Raises CannotSend."""
    if not settings.SENDS_MAIL:
        raise CannotSend("EMAIL_URL is not set", name="EMAIL_URL is not set", by_server=True)
    try:
        # Each mail has its own connection: servers limit the mails of one, and none stays broken.
        mailers.default.send_messages([message])
    except SMTPRecipientsRefused as error:
        ((code, text),) = error.recipients.values()
        raise _refused_recipient(code, text) from None
    except SMTPDataError as error:  # perhaps spam, perhaps a quota that is used up today
        raise _refused(error.smtp_code, error.smtp_error) from None
    except OSError as error:  # no connection, a timeout, a certificate, another error of smtplib
        raise CannotSend(_named(error), name=type(error).__name__, by_server=True) from None
    except ValueError as error:  # the address can't be sent by SMTP
        raise CannotSend(_named(error), name=type(error).__name__, is_final=True) from None


def _refused_recipient(code: int, text: bytes | str) -> CannotSend:
    """The mailbox doesn't exist, unless the server may refuse the mails of everybody now."""
    if code < PERMANENT:
        return _refused(code, text)
    since = timezone.now() - WORKS_AFTER_ACCEPTING
    accepts = Mail.objects.filter(state=MailState.SENT, sent_at__gte=since).exists()
    return _refused(code, text, is_final=accepts, by_server=not accepts)


def _refused(code: int, text: bytes | str, **kind: bool) -> CannotSend:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return CannotSend(f"{code} {said}", name=f"SMTP {code}", **kind)


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _record_failure(mail: Mail, error: CannotSend, *, at: datetime) -> None:
    mail.failing_since = mail.failing_since or at
    is_final = error.is_final or at - mail.failing_since >= GIVE_UP_AFTER
    pause = PAUSES[min(mail.tries, len(PAUSES)) - 1]
    _record(
        mail,
        state=MailState.FAILED if is_final else MailState.WAITING,
        next_try_at=at + pause,
        failing_since=mail.failing_since,
        waits_for_server=error.by_server and not is_final,
        last_error=str(error)[: Mail._meta.get_field("last_error").max_length],
    )
    if is_final:
        logger.error("%s can't be sent (%s); the admin shows it", mail, error.name)
    else:
        logger.warning("%s not sent (%s), try %s", mail, error.name, mail.tries)


def _record(mail: Mail, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(mail, name, value)
    Mail.objects.filter(pk=mail.pk, state=MailState.WAITING).update(**changes)


def _wake_waiting(*, at: datetime) -> None:
    """The mail server works again: the mails that wait for it are due now."""
    waiting = Mail.objects.filter(state=MailState.WAITING, waits_for_server=True)
    waiting.update(next_try_at=at, waits_for_server=False)
