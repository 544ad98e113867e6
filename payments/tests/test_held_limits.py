"""What one address, and one visitor, can hold without paying: V44 in short.

The settings have their defaults: 4 pieces or a quarter, and one redemption of a limited code.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from cart.models import Discount, Order, OrderLine, State
from payments.models import Payment
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again, pay_and_settle
from tests.support.presses import buy_cart, intent_of_cart, new_browser, session_of_cart

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_ADDRESS = "10.0.0.9"
type LetPass = Callable[[timedelta], None]


def buyer_of(item: Item, quantity: int = 1, address: str = "127.0.0.1") -> Client:
    """A new visitor with `quantity` pieces in the cart."""
    buyer = new_browser(address)
    assert add(buyer, item, quantity=quantity).status_code == 303
    return buyer


def is_refused(answer: Any) -> str:
    """Why; the answer must be a refusal of these limits."""
    assert error_of(answer, 409) == "hold_refused"
    return str(answer.json()["error"]["message"])


def stock_of(item: Item) -> int | None:
    return Item.objects.get(pk=item.pk).stock


def test_two_buyers_of_two_pieces_behind_one_address_are_served(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=6)
    for _ in range(2):
        session_of_cart(buyer_of(item, 2))
    assert stock_of(item) == 2
    assert is_refused(buy_cart(buyer_of(item))) == (
        "At most 4 pieces of “Mug” can be in unpaid orders from one internet connection. Try"
        " again when those orders are paid, or later."
    )
    assert stock_of(item) == 2
    session_of_cart(buyer_of(item, 2, OTHER_ADDRESS))


def test_a_refused_cart_says_how_many_can_be_ordered_now(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=12)
    buyer = buyer_of(item, 5)
    assert "You can order 4 now." in is_refused(buy_cart(buyer))
    page = buyer.post("/order/buy")
    assert page.status_code == 409
    assert "You can order 4 now." in page.content.decode()
    session_of_cart(buyer_of(item, 3))
    assert "You can order 1 now." in is_refused(buy_cart(buyer))
    assert buyer.post("/order/intent").status_code == 409


def test_a_refused_buy_of_one_piece_says_why_on_the_page(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=12)
    session_of_cart(buyer_of(item, 4))
    page = new_browser().post(f"/buy/{item.pk}")
    assert page.status_code == 409
    assert "At most 4 pieces of “Mug”" in page.content.decode()
    assert is_refused(new_browser().post(f"/buy/{item.pk}/intent"))
    assert is_refused(Client().get(f"/buy/{item.pk}"))  # a program


def test_a_quarter_of_what_is_free_and_held_together_is_allowed(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=40)
    session_of_cart(buyer_of(item, 10, OTHER_ADDRESS))
    session_of_cart(buyer_of(item, 9))
    assert "You can order 1 now." in is_refused(buy_cart(buyer_of(item, 2)))
    session_of_cart(buyer_of(item, 1))


def test_paid_pieces_count_no_longer(make_item: Any, local_stripe: LocalStripe) -> None:
    item = make_item(stock=12)
    for _ in range(2):
        order = pay_and_settle(local_stripe, session_of_cart(buyer_of(item, 4)))
        assert order.state == State.PAID
        assert order.address_hash == ""  # stored only as long as it is needed
    assert stock_of(item) == 4


def test_returned_pieces_count_no_longer(make_item: Any, local_stripe: LocalStripe) -> None:
    item = make_item(stock=12)
    first = buyer_of(item, 4)
    session_of_cart(first)
    order = Order.objects.get()
    first.post(f"/order/{order.token}/cancel")
    order.refresh_from_db()
    assert (order.state, order.address_hash) == (State.CART, "")
    session_of_cart(buyer_of(item, 4))


def test_a_debit_on_its_way_counts(make_item: Any, local_stripe: LocalStripe) -> None:
    item = make_item(stock=12, currency="EUR")
    local_stripe.configure(delayed_seconds=None)
    intent_id = intent_of_cart(buyer_of(item, 4))
    local_stripe.pay_intent(intent_id, iban="DE89370400440532013000")
    assert look_again(Payment.objects.get()).state == State.PROCESSING
    assert is_refused(buy_cart(buyer_of(item)))


def test_one_visitor_with_several_addresses_counts_once(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    item = make_item(stock=12)
    buyer = buyer_of(item, 4)
    session_of_cart(buyer)
    assert is_refused(buyer.get(f"/buy/{item.pk}", REMOTE_ADDR=OTHER_ADDRESS))


def test_a_network_of_ipv6_counts_as_one_address(make_item: Any, local_stripe: LocalStripe) -> None:
    item = make_item(stock=12)
    session_of_cart(buyer_of(item, 4, "2001:db8:1:2::1"))
    assert is_refused(buy_cart(buyer_of(item, 1, "2001:db8:1:ff::9")))
    session_of_cart(buyer_of(item, 1, "2001:db8:1:100::1"))


def test_an_edit_during_checkout_counts_once(make_item: Any, local_stripe: LocalStripe) -> None:
    item, pot = make_item(stock=12), make_item(name="Pot", stock=12)
    buyer = buyer_of(item, 4)
    for _ in range(2):
        session_of_cart(buyer)
        add(buyer, pot, quantity=2)
    session_of_cart(buyer)
    assert (stock_of(item), stock_of(pot)) == (8, 8)


def test_an_edit_that_stripe_could_not_be_told_counts_once(
    make_item: Any, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.max_network_retries", 0)
    item = make_item(stock=12)
    buyer = buyer_of(item, 2)
    session_of_cart(buyer)
    local_stripe.fail(path="/v1/", status=500, calls=1)
    add(buyer, item, quantity=2)
    assert Order.objects.filter(state=State.CHECKOUT).count() == 1
    session_of_cart(buyer)
    assert stock_of(item) == 8


def test_another_way_to_pay_counts_once(make_item: Any, local_stripe: LocalStripe) -> None:
    item = make_item(stock=12)
    buyer = buyer_of(item, 4)
    session_of_cart(buyer)
    intent_of_cart(buyer)
    session_of_cart(buyer)
    assert stock_of(item) == 8


def test_each_item_of_a_cart_has_the_limit_for_itself(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    items = [make_item(name=name, stock=5) for name in ("Mug", "Pot", "Cup", "Jar")]
    endless = make_item(name="File", stock=None)
    buyer = buyer_of(endless, 50)
    for item in items:
        add(buyer, item, quantity=4)
    session_of_cart(buyer)
    session_of_cart(buyer_of(endless, 50))


@pytest.fixture
def once(db: None) -> Discount:
    return Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=9)


def test_a_limited_code_is_reserved_once(
    item: Item, once: Discount, local_stripe: LocalStripe
) -> None:
    first, second = buyer_of(item), buyer_of(item)
    for each in (first, second):
        use_code(each, "once")
    session_of_cart(first)
    assert is_refused(buy_cart(second)) == (
        "Code ONCE is reserved for another unpaid order from your internet connection. Remove the"
        " code, or try again later."
    )
    once.refresh_from_db()
    assert once.times_redeemed == 1
    other = buyer_of(item, address=OTHER_ADDRESS)
    use_code(other, "once")
    session_of_cart(other)
    second.post("/order/discount/remove", {"currency": "USD"})
    session_of_cart(second)


def test_the_buyer_of_a_limited_code_can_edit_and_change_the_way_to_pay(
    item: Item, once: Discount, local_stripe: LocalStripe
) -> None:
    buyer = buyer_of(item)
    use_code(buyer, "once")
    session_of_cart(buyer)
    add(buyer, item)
    intent_of_cart(buyer)
    once.refresh_from_db()
    assert once.times_redeemed == 1


def test_a_code_without_a_limit_is_everybodys(item: Item, local_stripe: LocalStripe) -> None:
    Discount.objects.create(code="TEN", percent=Decimal(10))
    for _ in range(2):
        buyer = buyer_of(item)
        use_code(buyer, "ten")
        session_of_cart(buyer)


def test_limits_the_open_attempts_of_one_address(
    item: Item, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.OPEN_ATTEMPTS_PER_ADDRESS = 2
    for _ in range(2):
        assert new_browser().get(f"/buy/{item.pk}").status_code == 200
    last = new_browser()
    assert is_refused(last.get(f"/buy/{item.pk}")) == (
        "Too many payments have been begun from your internet connection. Try again when"
        " some of them are finished, or later."
    )
    assert new_browser(OTHER_ADDRESS).get(f"/buy/{item.pk}").status_code == 200
    pay_and_settle(local_stripe, Payment.objects.earliest("pk").stripe_id)
    assert last.get(f"/buy/{item.pk}").status_code == 200


def test_an_old_attempt_counts_only_while_it_holds_something_limited(
    make_item: Any, local_stripe: LocalStripe, settings: Any, let_pass: LetPass
) -> None:
    settings.OPEN_ATTEMPTS_PER_ADDRESS = 2
    endless, rare = make_item(stock=None), make_item(name="Pot", stock=12)
    for item in (endless, rare):
        assert new_browser().get(f"/buy/{item.pk}").status_code == 200
    assert is_refused(new_browser().get(f"/buy/{endless.pk}"))
    let_pass(timedelta(minutes=settings.HOLD_MINUTES))
    assert new_browser().get(f"/buy/{endless.pk}").status_code == 200
    assert is_refused(new_browser().get(f"/buy/{endless.pk}"))
    assert Order.objects.filter(state=State.CHECKOUT).count() == 3


def test_zero_turns_the_limits_off(
    make_item: Any, once: Discount, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.HELD_PIECES_PER_ADDRESS = settings.OPEN_ATTEMPTS_PER_ADDRESS = 0
    item = make_item(stock=12)
    for _ in range(2):
        buyer = buyer_of(item, 6)
        use_code(buyer, "once")
        session_of_cart(buyer)
    assert stock_of(item) == 0


def test_without_a_share_only_the_number_of_pieces_counts(
    make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.HELD_SHARE_PER_ADDRESS = 0
    assert is_refused(buy_cart(buyer_of(make_item(stock=40), 5)))
    assert not OrderLine.objects.filter(held_quantity__gt=0).exists()
