"""A worker that is killed while it sends: no mail is lost, and only that one comes twice."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.settings import ON_POSTGRESQL
from tests.support.django_shell import DjangoShell, open_shell
from tests.support.postgresql import empty_database
from tests.support.processes import Program, manage
from tests.support.smtp import MailServer, mail_server
from tests.support.waiting import wait_until

MAILS = 12
KILLS = 3
WORKER = [sys.executable, "manage.py", "worker"]
PAY_ORDERS = f"""
from django.db import transaction
from cart.signals import order_paid, order_paid_in_transaction, send_both
from store.models import Item
from tests.support.mails import paid_order
item = Item.objects.create(name="Mug", price=5, currency="USD")
for number in range({MAILS}):
    with transaction.atomic():
        order = paid_order(item, email=f"buyer-{{number}}@mail.example")
        send_both(order_paid_in_transaction, order_paid, order=order)
"""
# As if the lease of the killed worker had passed.
LET_LEASES_PASS = """
from django.utils import timezone
from notifications.models import Mail
Mail.objects.filter(state="waiting", tries__gt=0).update(next_try_at=timezone.now())
"""
STATES = """
from collections import Counter
from notifications.models import Mail
print(dict(Counter(Mail.objects.values_list("state", flat=True))))
"""


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def environment(tmp_path: Path, smtp: MailServer) -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        database = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
        if ON_POSTGRESQL:
            database = stack.enter_context(empty_database(os.environ["TEST_DATABASE_URL"]))
        yield {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "DEBUG": "True",
            "VAR_DIR": str(tmp_path),
            "DATABASE_URL": database,
            "EMAIL_URL": smtp.url,
            "DEFAULT_FROM_EMAIL": "shop@shop.example",
        }


@pytest.fixture
def shell(environment: dict[str, str]) -> Iterator[DjangoShell]:
    manage(environment, "migrate", "-v0")
    with open_shell(environment) as opened:
        opened.run(PAY_ORDERS)
        opened.run(
            "from tests.support.shop_row import edit_shop; edit_shop(email='s@clay.example')"
        )
        yield opened


def has_received(smtp: MailServer, count: int) -> bool:
    return len(smtp.received) >= count


def test_no_mail_is_lost(
    environment: dict[str, str], shell: DjangoShell, smtp: MailServer, tmp_path: Path
) -> None:
    in_flight = []
    smtp.seconds_before_answer = 5
    for kill in range(1, KILLS + 1):
        with Program(WORKER, environment, tmp_path / f"killed-{kill}.log") as worker:
            wait_until(partial(has_received, smtp, kill), worker.printed)
            worker.kill()  # the server has the mail, and the worker waits for its answer
        in_flight.append(smtp.received[-1]["Message-ID"])
        shell.run(LET_LEASES_PASS)
    smtp.seconds_before_answer = 0
    logs = [tmp_path / f"worker-{number}.log" for number in (1, 2)]
    with Program(WORKER, environment, logs[0]), Program(WORKER, environment, logs[1]):
        wait_until(lambda: shell.run(STATES) == f"{{'sent': {2 * MAILS}}}", logs[0].read_text)
    times = Counter(mail["Message-ID"] for mail in smtp.received)
    assert len(times) == 2 * MAILS
    assert times - Counter(set(times)) == Counter(in_flight)
    assert not any("@" in log.read_text() for log in logs)
