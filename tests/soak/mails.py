"""The mails of a soak: the mail server is dead while people buy, then the worker is killed."""

import time
from functools import partial
from random import Random

from tests.support.clusters import Cluster
from tests.support.smtp import MailServer

MAILS_BETWEEN_KILLS = (3, 20)
# As if the pauses between the tries, and the lease of a killed worker, had passed.
# Prints how many mails could not be sent so far.
LET_PAUSES_PASS = """
from django.utils import timezone
from notifications.models import Mail
waiting = Mail.objects.filter(state="waiting")
print(waiting.filter(tries__gt=0).count())
waiting.update(next_try_at=timezone.now())
"""
SEND_THE_REST = f"""
from django.core.management import call_command
{LET_PAUSES_PASS}
call_command("send_mails")
"""


def to_mail(server: MailServer) -> dict[str, str]:
    """The settings of a shop that sends its mails to this server."""
    return {"EMAIL_URL": server.url, "DEFAULT_FROM_EMAIL": "shop@clay.example"}


def deliver(cluster: Cluster, server: MailServer, random: Random, *, kills: int) -> None:
    """Start the mail server, and kill the worker while it sends, at random."""
    server.start()
    for kill in range(kills):
        if kill:
            cluster.worker.start()
        wanted = len(server.received) + random.randint(*MAILS_BETWEEN_KILLS)
        cluster.worker.wait_until(partial(server.has_received, wanted))
        time.sleep(random.random() / 20)
        cluster.worker.kill()
