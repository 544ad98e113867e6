"""A crash at any point of a payment's way, then the reconciler: nothing is lost or done twice."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from cart.models import HELD, Order
from payments.models import Kind
from payments.stripe_api.accounts import account_named
from payments.tests import crash_scenarios as scenarios
from payments.tests import crash_scenarios_later as later
from payments.tests.after_a_crash import World
from payments.tests.crash_scenarios import LATE, Scenario
from payments.tests.crashing import Bomb
from tests.local_stripe import LocalStripe

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
    later.RefundAll,
    later.RefundSome,
    later.RefundAgainAtOnce,
    later.RefundReconciledLate,
    later.ReconcileRefund,
    later.ReconcileRefundOfTheDashboard,
    later.Edit,
    later.EditReconciledLate,
]
OF_INTENTS = [later.DelayedMoney, later.DelayedMoneyUnderWay, later.DelayedMoneyFails]
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
def test_a_crash_at_any_point_is_mended(
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
