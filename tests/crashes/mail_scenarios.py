"""Scenarios for crashes while mails are sent."""

from collections import Counter
from datetime import timedelta

from cart.models import Order
from cart.shipped import Tracking, mark_shipped
from notifications.models import Mail, MailState
from notifications.sending import LEASE, PAUSES, send_due
from payments.models import Payment
from payments.settlement import settle
from tests.crashes.shipping_scenarios import PaidWithShipping
from tests.support.payments import CAUSE


class SendMails(PaidWithShipping):
    """The confirmation, a mail about the parcel, and those to staff.

    Only the mail that was in flight may come twice, with the same Message-ID.
    """

    least_points = 20
    reconciled_after: timedelta | None = None

    def prepare(self) -> None:
        self.world.mail_server.start()
        super().prepare()
        settle(Payment.objects.get(), at=self.world.now, cause=CAUSE)
        at = self.world.now
        mark_shipped(Order.objects.get().pk, Tracking("RR1"), notify=True, by="staff", at=at)

    def act(self) -> None:
        for _mail in send_due(clock=lambda: self.world.now):
            pass

    def in_flight(self) -> set[str]:
        """The mail that a run has claimed and not recorded."""
        waiting = Mail.objects.filter(state=MailState.WAITING, waits_for_server=False)
        leased = waiting.filter(next_try_at__gt=self.world.now)
        return set(leased.values_list("message_id", flat=True))

    def check(self) -> None:
        assert len(self.in_flight()) <= 1

    def go_on(self) -> None:
        """Another worker sends the rest at once, and that mail when its lease has ended."""
        in_flight = self.in_flight()
        self.act()
        states = dict(Mail.objects.values_list("message_id", "state"))
        assert {id_ for id_, state in states.items() if state != MailState.SENT} == in_flight
        self.world.let_pass(LEASE)
        self.act()
        self.check_arrived(may_come_twice=in_flight)

    def check_arrived(self, may_come_twice: set[str]) -> None:
        assert set(Mail.objects.values_list("state", flat=True)) == {MailState.SENT}
        arrived = Counter(str(each["Message-ID"]) for each in self.world.mail_server.received)
        assert set(arrived) == set(Mail.objects.values_list("message_id", flat=True))
        twice = {id_ for id_, times in arrived.items() if times > 1}
        assert twice <= may_come_twice
        assert max(arrived.values()) <= 2


class SendMailsToDeadServer(SendMails):
    """The mail server is dead at the time of the crash, and comes back: nothing comes twice."""

    least_points = 12

    def prepare(self) -> None:
        super().prepare()
        self.world.mail_server.stop()

    def go_on(self) -> None:
        self.world.mail_server.start()
        self.world.let_pass(max(LEASE, PAUSES[0]))
        self.act()
        self.check_arrived(may_come_twice=set())


class SendMailsAfterOutage(SendMails):
    """The mail server works again: the mails that wait for it are due when one was sent."""

    def prepare(self) -> None:
        super().prepare()
        self.world.mail_server.stop()
        self.act()  # it gives up after some failures
        self.world.let_pass(PAUSES[0] / 2)
        self.act()
        self.world.mail_server.start()
        self.world.let_pass(PAUSES[0] / 2)
        due = Mail.objects.due(self.world.now).count()
        assert 1 < due < Mail.objects.count()
