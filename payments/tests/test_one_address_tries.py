"""One address tries for ten minutes, by every way, to hold as much as it can."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from cart.models import HELD, Order, OrderLine, State
from payments.models import Kind, Payment, PaymentState
from store.models import Item
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again
from tests.support.presses import new_browser

STEP = timedelta(seconds=5)
STEPS = timedelta(minutes=10) // STEP
MOST = {1: 1, 3: 3, 16: 4, 100: 25}  # by stock
WAYS = ["/order/buy", "/order/intent"]
FAILING_IBAN = "DE62370400440532013001"


class Stubborn:
    """Somebody with many browsers and programs in one IPv6 network."""

    def __init__(self, random: Random, items: list[Item], local_stripe: LocalStripe) -> None:
        self.random = random
        self.items = items
        self.local_stripe = local_stripe
        self.browsers = [new_browser(self.address())]

    def address(self) -> str:
        """Another address of the /56 network."""
        return f"2001:db8:1:{self.random.randrange(256):x}::1"

    def act(self) -> Any:
        ways = [self.click, self.run_program, self.fill_cart, self.press_again, self.edit]
        return self.random.choice([*ways, self.give_back, self.debit])()

    def click(self) -> Any:
        """Buy or "Pay here" of one piece, in a new browser."""
        self.browsers.append(new_browser(self.address()))
        path = f"/buy/{self.random.choice(self.items).pk}"
        return self.browsers[-1].post(path + self.random.choice(["", "/intent"]))

    def run_program(self) -> Any:
        agent = {"User-Agent": f"curl/{self.random.random()}"}
        client = Client(headers=agent, REMOTE_ADDR=self.address())
        return client.get(f"/buy/{self.random.choice(self.items).pk}")

    def fill_cart(self) -> Any:
        self.browsers.append(new_browser(self.address()))
        for item in self.random.sample(self.items, self.random.randint(1, len(self.items))):
            add(self.browsers[-1], item, quantity=self.random.choice([1, 1, 2, 4, 20, 30]))
        return self.browsers[-1].post(self.random.choice(WAYS))

    def press_again(self) -> Any:
        return self.random.choice(self.browsers).post(self.random.choice(WAYS))

    def edit(self) -> Any:
        browser = self.random.choice(self.browsers)
        add(browser, self.random.choice(self.items), quantity=self.random.randint(1, 3))
        return browser.post(self.random.choice(WAYS))

    def give_back(self) -> Any:
        """Stop paying what one of the browsers has begun to pay."""
        browser = self.random.choice(self.browsers)
        visitor = browser.session.get("visitor", "nobody")
        order = Order.objects.filter(visitor=visitor, state=State.CHECKOUT).first()
        return browser.post(f"/order/{order.token}/cancel") if order else self.press_again()

    def debit(self) -> Any:
        """Pay an open intent by a bank debit, or let the last debit fail if it is on its way."""
        intents = Payment.objects.filter(kind=Kind.INTENT)
        if payment := intents.filter(state=PaymentState.PROCESSING).first():
            self.local_stripe.finish_delayed(payment.stripe_id)
            look_again(payment)
        elif payment := intents.filter(state=PaymentState.OPEN).last():
            self.local_stripe.pay_intent(payment.stripe_id, iban=FAILING_IBAN)
            look_again(payment)
        return self.press_again()


def held() -> Iterator[tuple[int, int]]:
    """The initial stock of each item, and how many of its pieces are held."""
    for item in Item.objects.all():
        lines = OrderLine.objects.filter(item=item, order__state__in=HELD)
        pieces = lines.aggregate(pieces=Sum("held_quantity", default=0))["pieces"]
        assert item.stock == int(item.description) - pieces
        yield int(item.description), pieces


@pytest.mark.no_cover
@pytest.mark.django_db(transaction=True)
def test_one_address_never_holds_more_than_four_pieces_or_a_quarter(
    make_item: Any,
    local_stripe: LocalStripe,
    let_pass: Callable[[timedelta], None],
    settings: Any,
) -> None:
    settings.BUY_RATE_LIMIT = settings.WRITE_RATE_LIMIT = 0  # it must hold without them
    local_stripe.configure(delayed_seconds=None)
    items = [
        make_item(name=f"Item {stock}", stock=stock, description=str(stock), currency="EUR")
        for stock in MOST
    ]
    stubborn = Stubborn(Random(12), items, local_stripe)  # noqa: S311  # not a secret
    most = dict.fromkeys(MOST, 0)
    for _ in range(STEPS):
        assert stubborn.act().status_code < 500
        for stock, pieces in held():
            most[stock] = max(most[stock], pieces)
        let_pass(STEP)
    assert most == MOST
    assert Order.objects.filter(history__to_state=State.PROCESSING).exists()
    elsewhere = new_browser("10.0.0.9")
    for item in items[2:]:
        assert elsewhere.get(f"/buy/{item.pk}").status_code == 200
