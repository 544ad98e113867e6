"""After a crash at any point and a run of the reconciler, nothing is lost or done twice."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cart.models import HELD, Order
from payments.models import Kind
from payments.stripe_api import clock
from payments.stripe_api.accounts import account_named
from project.mail import mailer
from tests.crashes import (
    event_scenarios,
    mail_scenarios,
    refund_scenarios,
    scenarios,
    shipping_scenarios,
)
from tests.crashes.crash_point import CrashPoint
from tests.crashes.invariants import World
from tests.crashes.scenarios import LATE, Scenario
from tests.support.local_stripe import LocalStripe
from tests.support.smtp import MailServer, mail_server
from web import short_cache

logger = logging.getLogger(__name__)

OF_BOTH_KINDS = [
    scenarios.BuyItem,
    scenarios.BuyItemReconciledLate,
    scenarios.BuyItemAgainAtOnce,
    scenarios.BuyOrder,
    scenarios.BuyOrderAgainAtOnce,
    scenarios.BuyRefusedByStripe,
    scenarios.Reconcile,
    scenarios.ReconcileOverdue,
    scenarios.Paid,
    scenarios.PaidAndReconciled,
    event_scenarios.PaidEvent,
    event_scenarios.PaidEventAgainAtOnce,
    event_scenarios.ExpiredEvent,
    shipping_scenarios.BuyItemWithShipping,
    shipping_scenarios.BuyOrderWithShipping,
    shipping_scenarios.PaidWithShipping,
    shipping_scenarios.PaidAndReconciledWithShipping,
]
OF_CHECKOUT = [
    refund_scenarios.RefundAll,
    refund_scenarios.RefundSome,
    refund_scenarios.RefundAgainAtOnce,
    refund_scenarios.RefundReconciledLate,
    refund_scenarios.GiveBackFreeOrder,
    refund_scenarios.ReconcileRefund,
    refund_scenarios.ReconcileRefundOfTheDashboard,
    refund_scenarios.Edit,
    refund_scenarios.EditOfPaid,
    refund_scenarios.EditReconciledLate,
    shipping_scenarios.BuyOrderWithShippingLate,
    shipping_scenarios.BuyOrderWithShippingAgainAtOnce,
    shipping_scenarios.RefusedWithShipping,
    shipping_scenarios.ReconcileWithShipping,
    shipping_scenarios.ReconcileOverdueWithShipping,
    shipping_scenarios.MarkShipped,
    shipping_scenarios.RefundShipping,
    mail_scenarios.SendMails,
    mail_scenarios.SendMailsToDeadServer,
    mail_scenarios.SendMailsAfterOutage,
]
OF_INTENTS = [
    refund_scenarios.DelayedMoney,
    refund_scenarios.DelayedMoneyUnderWay,
    refund_scenarios.DelayedMoneyFails,
]
SCENARIOS = {
    Kind.CHECKOUT: [*OF_BOTH_KINDS, *OF_CHECKOUT],
    Kind.INTENT: [*OF_BOTH_KINDS, *OF_INTENTS],
}


@pytest.fixture(autouse=True)
def _many_presses(settings: Any) -> None:
    settings.BUY_RATE_LIMIT = settings.WRITE_RATE_LIMIT = settings.CODE_RATE_LIMIT = 0


@pytest.fixture(autouse=True)
def _one_account(settings: Any) -> None:
    """One account for all currencies halves the number of calls."""
    settings.STRIPE_ACCOUNTS = [account_named("default")]


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of World passes for the shop too, so there is no difference to learn."""
    monkeypatch.setattr(clock, "learn", lambda *_args, **_kwargs: None)


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop's row is read each time: the points of a walk are those of its trace."""
    monkeypatch.setattr(short_cache, "SECONDS", 0)


@pytest.fixture(scope="module")
def running_mail_server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def smtp(running_mail_server: MailServer, settings: Any) -> MailServer:
    """A mail server to which the shop sends its mails."""
    settings.SENDS_MAIL = True
    settings.MAILERS = {"default": mailer(running_mail_server.url)}
    return running_mail_server


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        pytest.param(each, kind, id=f"{each.__name__}-{kind}")
        for kind in Kind
        for each in SCENARIOS[kind]
    ],
)
def test_recovers_from_a_crash_at_any_point(
    scenario: type[Scenario], kind: Kind, local_stripe: LocalStripe, smtp: MailServer
) -> None:
    trace = CrashPoint(lambda _number, _point: False)
    alive = scenario(World(local_stripe, kind, smtp))
    assert trace.survives(alive.act)
    recover(alive)
    assert len(trace.points) >= scenario.least_points
    walk(lambda: scenario(World(local_stripe, kind, smtp)), trace, at_every=scenario.at_every_point)


def walk(prepared: Callable[[], Scenario], trace: CrashPoint, *, at_every: bool) -> None:
    """Crashes at each point of the trace, and starts anew after each crash that left an effect.

    Crashes after the same number of effects leave the same rows, which CrashPoint asserts for each
    of them, so only the first one is recovered. Variants of a scenario crash only at that one.
    """
    recovered: set[int] = set()
    scenario = None
    for place, effects in enumerate(trace.effects_before):
        if effects in recovered and not at_every:
            continue
        scenario = scenario or prepared()
        logger.info("point %d, after %d effects: %s", place, effects, trace.points[place])
        try:
            crash_at(scenario, place)
            if effects not in recovered:
                recover(scenario)
        except BaseException as error:
            error.add_note(f"crashed at point {place}: {trace.points[place]}")
            raise
        if effects or effects not in recovered:
            scenario = None
        recovered.add(effects)


def crash_at(scenario: Scenario, place: int) -> None:
    assert not CrashPoint(lambda number, _point: number == place).survives(scenario.act)


def recover(scenario: Scenario) -> None:
    world = scenario.world
    if scenario.reconciled_after is not None:
        world.let_pass(scenario.reconciled_after)
        world.reconcile()
        world.check()
    scenario.check()
    scenario.go_on()
    world.let_pass(LATE)
    world.reconcile()
    world.check()
    assert not Order.objects.filter(state__in=HELD).exists()
