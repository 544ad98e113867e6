"""A visitor can't hold the same pieces or the same code for ever: two hours, then a pause."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order, State
from payments.models import Payment
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, pay_and_settle, run_at
from tests.support.presses import buy_cart, intent_of_cart, new_browser, session_of_cart

pytestmark = pytest.mark.django_db(transaction=True)
type LetPass = Callable[[timedelta], None]
MINUTE = timedelta(minutes=1)


def buy(client: Client, item: Item) -> Any:
    return client.get(f"/buy/{item.pk}")


def refusal(answer: Any) -> str:
    assert error_of(answer, 409) == "hold_refused"
    return str(answer.json()["error"]["message"])


def test_a_hold_is_renewed_for_two_hours_then_there_is_a_pause(
    client: Client, last_piece: Item, local_stripe: LocalStripe, let_pass: LetPass
) -> None:
    begun = timezone.now()
    for _ in range(3):  # after 0, 40 and 80 minutes
        assert buy(client, last_piece).status_code == 200
        let_pass(40 * MINUTE)
        run_at(timezone.now())
    assert Order.objects.latest("pk").held_since - begun < MINUTE  # type: ignore[operator]
    assert refusal(buy(client, last_piece)) == (
        "This was reserved for you for a long time, and now other buyers get a chance. Try again"
        " in 10 minutes."
    )
    assert buy(new_browser(), last_piece).status_code == 200
    Order.objects.filter(state=State.CHECKOUT).update(state=State.CANCELLED)
    Item.objects.update(stock=1)
    let_pass(11 * MINUTE)
    assert buy(client, last_piece).status_code == 200


def test_there_is_no_pause_if_the_limits_are_off(
    client: Client, last_piece: Item, local_stripe: LocalStripe, let_pass: LetPass, settings: Any
) -> None:
    settings.HELD_PIECES_PER_ADDRESS = 0
    for _ in range(4):
        assert buy(client, last_piece).status_code == 200
        let_pass(40 * MINUTE)
        run_at(timezone.now())


def test_edits_renew_no_hold(
    client: Client, make_item: Any, local_stripe: LocalStripe, let_pass: LetPass
) -> None:
    item, pot = make_item(stock=4), make_item(name="Pot", stock=None)
    add(client, item)
    for _ in range(6):  # every 20 minutes
        session_of_cart(client)
        let_pass(20 * MINUTE)
        add(client, pot)
    assert "in 15 minutes" in refusal(buy_cart(client))
    let_pass(15 * MINUTE)
    session_of_cart(client)


def test_a_hold_in_the_cart_goes_on_as_one_of_a_single_piece(
    client: Client, make_item: Any, local_stripe: LocalStripe, let_pass: LetPass
) -> None:
    item = make_item(stock=4)
    assert buy(client, item).status_code == 200
    let_pass(30 * MINUTE)
    add(client, item)
    session_of_cart(client)  # while the first one is still open
    let_pass(100 * MINUTE)
    client.post(f"/order/{Payment.objects.earliest('pk').order.token}/cancel")
    assert "in 15 minutes" in refusal(buy(client, item))  # the cart still holds one
    client.post(f"/order/{Payment.objects.latest('pk').order.token}/cancel")
    assert buy(client, item).status_code == 200  # both holds were over long ago


def test_other_pieces_can_be_held_at_once(
    client: Client, make_item: Any, local_stripe: LocalStripe, let_pass: LetPass
) -> None:
    item, pot = make_item(stock=4), make_item(name="Pot", stock=4)
    for _ in range(4):
        assert buy(client, item).status_code == 200
        let_pass(36 * MINUTE)
        run_at(timezone.now())
    assert refusal(buy(client, item))
    assert buy(client, pot).status_code == 200


def test_a_limited_code_has_the_same_pause(
    client: Client, item: Item, local_stripe: LocalStripe, let_pass: LetPass
) -> None:
    Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    add(client, item)
    use_code(client, "once")
    for _ in range(4):
        session_of_cart(client)
        let_pass(36 * MINUTE)
        run_at(timezone.now())
    assert refusal(buy_cart(client))
    client.post("/order/discount/remove", {"currency": "USD"})
    session_of_cart(client)


def test_what_never_runs_out_has_no_pause(
    client: Client, make_item: Any, local_stripe: LocalStripe, let_pass: LetPass
) -> None:
    item, limited = make_item(), make_item(name="Pot", stock=4)
    add(client, item)
    for _ in range(3):
        session_of_cart(client)
        assert Order.objects.latest("pk").held_since is None
        let_pass(timedelta(hours=3))
        add(client, item)
    add(client, limited)
    session_of_cart(client)


def test_a_buyer_who_comes_back_later_begins_anew(
    client: Client, last_piece: Item, local_stripe: LocalStripe, let_pass: LetPass
) -> None:
    """Also where no reconciler has ended the first hold in time."""
    add(client, last_piece)
    session_of_cart(client)
    let_pass(timedelta(hours=3))
    session_of_cart(client)
    let_pass(50 * MINUTE)
    run_at(timezone.now())
    session_of_cart(client)


def test_a_purchase_ends_the_count(
    client: Client, make_item: Any, local_stripe: LocalStripe, let_pass: LetPass
) -> None:
    item = make_item(stock=4)
    for _ in range(4):
        pay_and_settle(local_stripe, buy(client, item).json()["id"])
        let_pass(31 * MINUTE)


def test_a_failed_debit_has_the_pause_and_one_on_its_way_has_not(
    client: Client, make_item: Any, local_stripe: LocalStripe, let_pass: LetPass
) -> None:
    item = make_item(stock=4, currency="EUR")
    local_stripe.configure(delayed_seconds=None)
    add(client, item)
    intent_id = intent_of_cart(client)
    local_stripe.pay_intent(intent_id, iban="DE62370400440532013001")
    payment = Payment.objects.get()
    assert look_again(payment).state == State.PROCESSING
    let_pass(timedelta(days=3))
    assert buy(client, item).status_code == 200
    client.post(f"/order/{Order.objects.latest('pk').token}/cancel")
    local_stripe.finish_delayed(intent_id)
    assert look_again(payment).state == State.CART
    assert "in 15 minutes" in refusal(buy_cart(client))


def test_a_shop_with_longer_holds_allows_one_of_them(
    client: Client, last_piece: Item, local_stripe: LocalStripe, let_pass: LetPass, settings: Any
) -> None:
    settings.HOLD_MINUTES = 300
    add(client, last_piece)
    session_of_cart(client)
    let_pass(timedelta(hours=4))
    intent_of_cart(client)
    let_pass(timedelta(hours=2))
    assert refusal(buy_cart(client))
