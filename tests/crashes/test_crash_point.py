"""The crash point and the invariants detect errors."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import transaction

from notifications.models import Mail, MailReason
from payments.checkout import buy_item
from payments.models import Invoice, InvoiceCounter, Kind
from store.models import Item
from tests.crashes.crash_point import CrashPoint, crash
from tests.crashes.invariants import World
from tests.crashes.scenarios import make_item
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid
from tests.support.smtp import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


def take_piece() -> None:
    Item.objects.take_stock(Item.objects.get().pk, 1)


def test_invariants_detect_missing_stock(local_stripe: LocalStripe) -> None:
    world = World(local_stripe, Kind.CHECKOUT, MailServer())
    make_item(stock=1)
    take_piece()
    with pytest.raises(AssertionError, match="stock doesn't add up"):
        world.check()


def test_invariants_detect_money_without_a_paid_order(local_stripe: LocalStripe) -> None:
    world = World(local_stripe, Kind.CHECKOUT, MailServer())
    opened = buy_item(
        item_id=make_item(stock=1).pk, visitor="a", address_hash="", kind=world.kind, at=world.now
    )
    world.pay(opened.stripe_payment.id)
    with pytest.raises(AssertionError, match="money is lost"):
        world.check()


def lose_a_mail() -> None:
    Mail.objects.get(reason=MailReason.NEW_ORDER).delete()


def lose_an_invoice() -> None:
    Invoice.objects.get().delete()


@transaction.atomic
def skip_a_number() -> None:
    InvoiceCounter.next("TEST-INV")


@pytest.mark.parametrize(
    ("lose", "problem"),
    [
        (lose_a_mail, "mails and what they are about"),
        (lose_an_invoice, "paid orders and invoices"),
        (skip_a_number, "have a gap"),
    ],
)
def test_invariants_detect_lost_rows(
    lose: Callable[[], None], problem: str, local_stripe: LocalStripe
) -> None:
    world = World(local_stripe, Kind.CHECKOUT, MailServer())
    paid(make_item(stock=1), local_stripe)
    world.check()
    lose()
    with pytest.raises(AssertionError, match=problem):
        world.check()


def test_crash_keeps_what_was_committed_and_nothing_else() -> None:
    make_item(stock=3)

    def act() -> None:
        take_piece()
        with transaction.atomic():
            take_piece()

    crash(act, "before COMMIT")
    assert Item.objects.get().stock == 2


def test_no_hook_runs_after_a_crash_at_the_commit() -> None:
    make_item(stock=3)

    def act() -> None:
        with transaction.atomic():
            take_piece()
            transaction.on_commit(take_piece)

    crash(act, "after COMMIT")
    assert Item.objects.get().stock == 2


def caught_crash() -> None:
    with suppress(BaseException):
        take_piece()


def cleaned_up() -> None:
    try:
        take_piece()
    finally:
        take_piece()


@pytest.mark.parametrize(
    ("act", "problem"),
    [(caught_crash, "the crash was caught"), (cleaned_up, "done after the crash")],
)
def test_detects_code_that_runs_after_the_crash(act: Callable[[], None], problem: str) -> None:
    make_item(stock=3)
    with pytest.raises(AssertionError, match=problem):
        CrashPoint(lambda _number, point: point.startswith("UPDATE")).survives(act)
