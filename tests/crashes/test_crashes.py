"""A crash at any point of a payment's way, then the reconciler: nothing is lost or done twice."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from cart.models import HELD, Order
from payments.models import Kind
from payments.stripe_api.accounts import account_named
from tests.crashes import refund_scenarios, scenarios
from tests.crashes.crash_point import Bomb
from tests.crashes.invariants import World
from tests.crashes.scenarios import LATE, Scenario
from tests.support.local_stripe import LocalStripe

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
    scenarios.PaidEvent,
    scenarios.PaidEventAgainAtOnce,
    scenarios.ExpiredEvent,
]
OF_CHECKOUT = [
    refund_scenarios.RefundAll,
    refund_scenarios.RefundSome,
    refund_scenarios.RefundAgainAtOnce,
    refund_scenarios.RefundReconciledLate,
    refund_scenarios.ReconcileRefund,
    refund_scenarios.ReconcileRefundOfTheDashboard,
    refund_scenarios.Edit,
    refund_scenarios.EditReconciledLate,
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
    settings.BUY_RATE_LIMIT = 100_000


@pytest.fixture(autouse=True)
def _one_account(settings: Any) -> None:
    """Half the calls, where there is one account for all currencies."""
    settings.STRIPE_ACCOUNTS = [account_named("default")]


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
    scenario: type[Scenario], kind: Kind, local_stripe: LocalStripe
) -> None:
    way = Bomb(lambda _number, _point: False)
    alive = scenario(World(local_stripe, kind))
    assert way.spares(alive.act)
    mend(alive)
    assert len(way.points) >= scenario.least_points
    walk(lambda: scenario(World(local_stripe, kind)), way, at_every=scenario.at_every_point)


def walk(prepared: Callable[[], Scenario], way: Bomb, *, at_every: bool) -> None:
    """Dies at each point of the way, alone in a world of its own where it left something behind.

    Deaths with the same effects before them leave the same behind, which the bomb asserts of each:
    one of them is mended. A variant of a scenario dies at these only.
    """
    mended: set[int] = set()
    scenario = None
    for place, effects in enumerate(way.effects_before):
        if effects in mended and not at_every:
            continue
        scenario = scenario or prepared()
        logger.info("point %d, after %d effects: %s", place, effects, way.points[place])
        try:
            die(scenario, place)
            if effects not in mended:
                mend(scenario)
        except BaseException as error:
            error.add_note(f"dead at point {place}: {way.points[place]}")
            raise
        if effects or effects not in mended:
            scenario = None
        mended.add(effects)


def die(scenario: Scenario, place: int) -> None:
    assert not Bomb(lambda number, _point: number == place).spares(scenario.act)


def mend(scenario: Scenario) -> None:
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
