"""Send the outbox to a real mail server that works, is slow, refuses, dies, or is gone."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from notifications.models import Mail, MailReason, MailState
from notifications.sending import GIVE_UP_AFTER, LEASE, send_again, send_due
from tests.support.mails import let_pass, paid_order, send_all
from tests.support.shop_row import edit_shop
from tests.support.smtp import MailServer, tls_context

BUYER = "buyer@mail.example"


def confirmation(item: Any, **values: Any) -> Mail:
    """A waiting mail to the buyer of a paid order."""
    order = paid_order(item, **values)
    to = values.get("email", BUYER)
    return Mail.objects.create(order=order, reason=MailReason.ORDER_CONFIRMED, to=to)


def test_sends_a_mail_once(item: Any, smtp: MailServer) -> None:
    mail = confirmation(item)
    assert send_all() == ["sent"]
    assert send_all() == []
    (received,) = smtp.received
    assert received["Message-ID"] == mail.message_id
    assert received["To"] == BUYER
    mail.refresh_from_db()
    assert (mail.state, mail.tries, mail.last_error) == (MailState.SENT, 1, "")
    assert mail.sent_at is not None


def test_the_one_that_waits_longest_is_sent_first(item: Any, smtp: MailServer) -> None:
    first, second = confirmation(item), confirmation(item)
    Mail.objects.filter(pk=second.pk).update(next_try_at=timezone.now() - timedelta(hours=1))
    send_all()
    sent = [received["Message-ID"] for received in smtp.received]
    assert sent == [second.message_id, first.message_id]


def test_headers(item: Any, smtp: MailServer, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Shop <orders@clay.example>"
    edit_shop(name="Clay “Łódź”, Co\nBcc: spy@mail")
    confirmation(item)
    send_all()
    (received,) = smtp.received
    (sender,) = received["From"].addresses
    assert sender.display_name == "Clay “Łódź”, Co Bcc: spy@mail"
    assert sender.addr_spec == "orders@clay.example"
    assert received["Reply-To"] == "hello@clay.example"
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["Bcc"] is None
    assert smtp.recipients == [BUYER]


def test_staff_answer_the_buyer(item: Any, smtp: MailServer) -> None:
    Mail.objects.create(order=paid_order(item), reason=MailReason.NEW_ORDER)
    send_all()
    (received,) = smtp.received
    assert (received["To"], received["Reply-To"]) == ("hello@clay.example", BUYER)


@pytest.mark.parametrize("code", ["550", "553"])
def test_a_refused_recipient_fails_once_the_server_accepts_others(
    item: Any, smtp: MailServer, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    smtp.answer_to_recipient = {BUYER: f"{code} {BUYER} is unknown"}
    failed, other = confirmation(item), confirmation(item, email="other@mail.example")
    assert send_all() == ["waiting", "sent", "failed"]
    failed.refresh_from_db()
    assert failed.last_error == f"{code} {BUYER} is unknown"
    assert [mail["To"] for mail in smtp.received] == [other.to]
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert f"SMTP {code}" in record.message
    assert str(failed.order) in record.message
    assert BUYER not in caplog.text
    confirmation(item)
    assert send_all() == ["failed"]


def test_a_server_that_refuses_everybody_fails_no_mail(item: Any, smtp: MailServer) -> None:
    yesterday = timezone.now() - timedelta(days=1, minutes=1)
    earlier = confirmation(item)
    Mail.objects.filter(pk=earlier.pk).update(state=MailState.SENT, sent_at=yesterday)
    buyers = [f"buyer{number}@mail.example" for number in range(4)]
    smtp.answer_to_recipient = dict.fromkeys(buyers, "554 relay access denied")
    for buyer in buyers:
        confirmation(item, email=buyer)
    assert send_all() == ["waiting"] * 3
    smtp.answer_to_recipient = {}
    assert send_all() == ["sent"] * 4


def test_a_mail_whose_content_is_refused_is_tried_again(item: Any, smtp: MailServer) -> None:
    smtp.answer_to_mail = "552 quota exceeded"
    confirmation(item)
    assert send_all() == ["waiting"]
    smtp.answer_to_mail = "250 OK"
    let_pass(timedelta(minutes=1))
    assert send_all() == ["sent"]


def test_a_certificate_that_is_not_trusted_only_delays(
    item: Any, smtp: MailServer, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smtp.stop()
    smtp.tls_context, certificate = tls_context(tmp_path)
    smtp.start()
    settings.MAILERS["default"]["OPTIONS"]["use_tls"] = True
    for _ in range(4):
        confirmation(item)
    assert send_all() == ["waiting"] * 3
    assert "CERTIFICATE_VERIFY_FAILED" in Mail.objects.earliest("pk").last_error
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert send_all() == ["sent"] * 4


def test_an_address_that_smtp_does_not_know_fails_at_once(item: Any, smtp: MailServer) -> None:
    confirmation(item, email="покупатель@mail.example")
    assert send_all() == ["failed"]
    assert smtp.recipients == []


def test_pauses_grow_until_two_days_have_passed(item: Any, smtp: MailServer) -> None:
    smtp.answer_to_recipient = {BUYER: "450 try later"}
    mail, pauses, waited = confirmation(item), list[float](), timedelta(0)
    while mail.state == MailState.WAITING:
        send_all()
        mail.refresh_from_db()
        pause = mail.next_try_at - timezone.now()
        pauses.append(round(pause / timedelta(minutes=1)))
        waited += pause
        let_pass(pause)
    assert pauses[:6] == [1, 5, 15, 60, 180, 180]
    assert timedelta(days=2) <= waited <= timedelta(days=2, hours=7)
    assert mail.last_error == "450 try later"
    assert len(smtp.recipients) == len(pauses)


def test_sends_again_what_failed(item: Any, smtp: MailServer) -> None:
    smtp.answer_to_recipient = {BUYER: "550 unknown"}
    mail = confirmation(item)
    send_all()
    let_pass(GIVE_UP_AFTER)
    send_all()
    smtp.answer_to_recipient = {}
    assert send_again(Mail.objects.all(), at=timezone.now()) == 1
    assert send_all() == ["sent"]
    assert send_again(Mail.objects.all(), at=timezone.now()) == 0
    assert [received["Message-ID"] for received in smtp.received] == [mail.message_id]


def test_a_run_ends_after_three_failures_of_the_server(item: Any, smtp: MailServer) -> None:
    smtp.stop()
    for _ in range(5):
        confirmation(item)
    assert send_all() == ["waiting"] * 3
    assert "ConnectionRefusedError" in Mail.objects.earliest("pk").last_error


def test_all_that_waited_for_the_server_is_sent_when_it_is_back(
    item: Any, smtp: MailServer
) -> None:
    smtp.stop()
    mails = [confirmation(item) for _ in range(3)]
    for _ in range(2):
        send_all()
        let_pass(timedelta(minutes=4))
    assert Mail.objects.filter(next_try_at__gt=timezone.now()).count() == 3
    smtp.start()
    confirmation(item)
    assert send_all() == ["sent"] * 4
    assert {mail.message_id for mail in mails} < {each["Message-ID"] for each in smtp.received}


def test_a_server_that_is_gone_for_two_days_makes_a_mail_fail(item: Any, smtp: MailServer) -> None:
    smtp.stop()
    confirmation(item)
    send_all()
    let_pass(GIVE_UP_AFTER)
    assert send_all() == ["failed"]


def test_a_slow_server_only_delays(item: Any, smtp: MailServer, settings: Any) -> None:
    settings.MAILERS["default"]["OPTIONS"]["timeout"] = 0.2
    smtp.seconds_before_answer = 1
    mail = confirmation(item)
    assert send_all() == ["waiting"]
    smtp.seconds_before_answer = 0
    let_pass(timedelta(minutes=1))
    assert send_all() == ["sent"]
    assert {each["Message-ID"] for each in smtp.received} == {mail.message_id}


def test_a_server_that_dies_before_its_answer_gets_the_same_message_id_again(
    item: Any, smtp: MailServer
) -> None:
    smtp.ends_connection_after_mail = True
    mail = confirmation(item)
    assert send_all() == ["waiting"]
    smtp.ends_connection_after_mail = False
    let_pass(timedelta(minutes=1))
    assert send_all() == ["sent"]
    assert [each["Message-ID"] for each in smtp.received] == [mail.message_id] * 2


def test_a_claimed_mail_is_left_to_its_worker_until_that_must_have_died(
    item: Any, smtp: MailServer
) -> None:
    """The other worker claims the mail between this one's reading and claiming."""
    mail = confirmation(item)

    def claim_by_other() -> None:
        Mail.objects.filter(tries=0).update(next_try_at=timezone.now() + LEASE, tries=1)

    calls = iter([lambda: None, lambda: None, lambda: None, claim_by_other])

    def clock() -> Any:
        next(calls, lambda: None)()
        return timezone.now()

    assert list(send_due(clock=clock)) == []
    assert smtp.received == []
    let_pass(LEASE)
    assert send_all() == ["sent"]
    assert [each["Message-ID"] for each in smtp.received] == [mail.message_id]


def test_a_run_ends_after_its_time(item: Any, smtp: MailServer) -> None:
    confirmation(item)
    confirmation(item)
    start = timezone.now()
    ticks = iter(range(100))
    run = send_due(clock=lambda: start + timedelta(seconds=10 * next(ticks)))
    assert len(list(run)) == 1


def test_without_a_mail_server_mails_wait(item: Any, caplog: pytest.LogCaptureFixture) -> None:
    confirmation(item)
    assert send_all() == ["waiting"]
    assert "EMAIL_URL is not set" in caplog.text


def test_an_error_in_a_template_does_not_stop_the_others(
    item: Any, smtp: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    Mail.objects.create(order=paid_order(item), reason="no_such_template", to=BUYER)
    confirmation(item)
    assert send_all() == ["waiting", "sent"]
    assert "TemplateDoesNotExist" in caplog.text


def test_the_command_says_what_it_sent(
    item: Any, smtp: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    smtp.answer_to_recipient = {"gone@mail.example": "550 unknown"}
    confirmation(item)
    confirmation(item, email="gone@mail.example")
    call_command("send_mails")
    assert capsys.readouterr().out == "1 mails sent.\n1 mails could not be sent.\n"


def test_a_mail_to_staff_waits_until_their_address_is_known(item: Any, smtp: MailServer) -> None:
    edit_shop(email="")
    Mail.objects.create(order=paid_order(item), reason=MailReason.NEW_ORDER)
    assert send_all() == ["waiting"]
    assert Mail.objects.get().last_error == "the shop has no e-mail for orders"
    edit_shop(staff_email="orders@clay.example")
    let_pass(timedelta(minutes=1))
    assert send_all() == ["sent"]
    assert smtp.recipients == ["orders@clay.example"]
