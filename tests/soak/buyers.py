"""Buyers, and their ways to pay."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.soak.catalogue import CODES, COUNTRIES, Catalogue
from tests.support.buyers import Visitor
from tests.support.clusters import Cluster
from tests.support.local_stripe import to

GOOD, DECLINED = "4242424242424242", "4000000000000002"
SEPA = "DE89370400440532013000"
PRESSES = 6
BUSY = (429, 503)


@dataclass(frozen=True)
class OpenPayment:
    """What the shop gave a buyer to pay with, and how that is paid: by which card, how it went."""

    id: str
    pay: Callable[[str], "Paid | None"]


@dataclass(frozen=True)
class Paid:
    intent_id: str  # empty where nothing had to be paid
    back_to: str


@dataclass
class Buyer(Visitor):
    """One visitor with one purchase. `cart_of` is the currency of a cart, `item` a single piece."""

    cluster: Cluster
    connections: httpx.HTTPTransport
    catalogue: Catalogue
    random: Random
    cart_of: str = ""
    item: int = 0
    problems: list[str] = field(default_factory=list)
    wanted: Counter[int] = field(default_factory=Counter)  # pieces put into the cart, by item

    def __post_init__(self) -> None:
        Visitor.__init__(self, self.cluster, self.connections, self.random)

    def ask(self, request: Callable[[], httpx.Response]) -> httpx.Response | None:
        """Once more where a server died or Stripe is away, as people do. None: they gave up."""
        for _ in range(PRESSES):
            try:
                answer = request()
            except httpx.TransportError:
                time.sleep(0.3)
                continue
            if answer.status_code not in BUSY:
                if answer.status_code >= 500:
                    self.problems.append(f"{answer.request.url}: {answer.status_code}")
                return answer
            time.sleep(0.3)
        return None

    def want(self, item: int, quantity: int = 1) -> None:
        """Add pieces to the cart. A press after a lost answer adds nothing, as in the page."""
        self.wanted[item] += quantity
        submission_id = str(self.random.random())
        form = {"item": item, "quantity": quantity, "submission_id": submission_id}
        self.ask(lambda: self.post("/order/lines", **form))

    @property
    def session_key(self) -> str:
        return str(self.http.cookies.get("sessionid", ""))

    def control(self, path: str, **wanted: Any) -> httpx.Response:
        """What Stripe's own page or Dashboard does."""
        return self.cluster.local_stripe.http.post(f"/_sandbox{path}", json=wanted)

    def opened(self, answer: httpx.Response | None) -> dict[str, Any] | None:
        if answer is None or answer.status_code != 200:
            return None
        found: dict[str, Any] = answer.json()
        return found


def by_checkout(buyer: Buyer) -> OpenPayment | None:
    """On Stripe's page."""
    path = f"/order/buy?currency={buyer.cart_of}" if buyer.cart_of else f"/buy/{buyer.item}"
    found = buyer.opened(buyer.ask(lambda: buyer.get(path)))
    if found is None:
        return None
    address = f"/sessions/{found['id']}/pay"

    def pay(card: str) -> Paid | None:
        answer = buyer.control(address, card=card, email="buyer@shop.example")
        if answer.status_code != 200:
            return None
        intent = answer.json()["session"]["payment_intent"]
        return Paid(intent_id=intent or "", back_to=answer.json()["redirect_url"])

    return OpenPayment(found["id"], pay)


def by_intent(buyer: Buyer) -> OpenPayment | None:
    """In Stripe's form within the shop's page; a bank's debit is decided at once."""
    path = "/order/intent" if buyer.cart_of else f"/buy/{buyer.item}/intent"
    form = {"currency": buyer.cart_of} if buyer.cart_of else {}
    found = buyer.opened(buyer.ask(lambda: buyer.post(path, **form)))
    if found is None or "client_secret" not in found:
        return None
    intent_id = found["client_secret"].split("_secret_")[0]
    address = f"/payment_intents/{intent_id}"

    def pay(card: str) -> Paid | None:
        is_debit = card == GOOD and buyer.random.random() < 0.2
        how: dict[str, Any] = {"iban": SEPA} if is_debit else {"card": card}
        if country := found.get("shipping_country"):
            # A browser may send an address in another country.
            sent = buyer.random.choice(COUNTRIES) if buyer.random.random() < 0.1 else country
            how["shipping"] = to(sent)
        if buyer.control(f"{address}/pay", **how).status_code != 200:
            return None
        if is_debit:
            buyer.control(f"{address}/finish")
        return Paid(intent_id=intent_id, back_to=found["return_url"])

    return OpenPayment(intent_id, pay)


WAYS = [by_checkout, by_intent]


def fill_cart(buyer: Buyer) -> None:
    """One to three different items of one currency, perhaps with a code or to another country."""
    buyer.cart_of = buyer.random.choice(["USD", "USD", "EUR"])
    items = buyer.catalogue.items_in(buyer.cart_of)
    for item in buyer.random.sample(items, buyer.random.randint(1, 3)):
        buyer.want(item, buyer.random.randint(1, 3))
    if buyer.random.random() < 0.6:
        code = buyer.random.choice(list(CODES))
        buyer.ask(lambda: buyer.apply(code, buyer.cart_of))
    if buyer.random.random() < 0.5:
        chosen = {"currency": buyer.cart_of, "country": buyer.random.choice(COUNTRIES)}
        buyer.ask(lambda: buyer.post("/order/shipping", **chosen))


def choose_item(buyer: Buyer) -> None:
    buyer.item = buyer.random.choice(buyer.catalogue.all_items())


def press(buyer: Buyer, way: Callable[[Buyer], OpenPayment | None]) -> OpenPayment | None:
    """Presses the button, sometimes twice at once. A code that is no good is taken out.

    Without a session the page's script would send one press after the other.
    """
    times = 2 if buyer.session_key and buyer.random.random() < 0.15 else 1
    with ThreadPoolExecutor(times) as pool:
        found = [each for each in pool.map(way, [buyer] * times) if each is not None]
    if len({each.id for each in found}) > 1:
        buyer.problems.append(f"two presses, two payments: {[each.id for each in found]}")
    if not found and buyer.cart_of:
        buyer.ask(lambda: buyer.post("/order/discount/remove", currency=buyer.cart_of))
        return way(buyer)
    return found[0] if found else None


def come_back(buyer: Buyer, paid: Paid) -> None:
    if buyer.random.random() < 0.7:
        address = urlsplit(paid.back_to)
        buyer.ask(lambda: buyer.get(f"{address.path}?{address.query}"))
