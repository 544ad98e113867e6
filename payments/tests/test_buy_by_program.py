"""GET /buy/<id> by a program like curl, which sends nothing that browsers send."""

from django.contrib.sessions.models import Session
from django.test import Client

from cart.models import Order
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.presses import new_browser


def session_for(item: Item, name: str = "curl/8.5", address: str = "127.0.0.1") -> str:
    client = Client(headers={"User-Agent": name})
    answer = client.get(f"/buy/{item.pk}", REMOTE_ADDR=address)
    assert answer.status_code == 200
    assert not answer.cookies
    return str(answer.json()["id"])


def test_gets_the_same_open_session_again(item: Item, local_stripe: LocalStripe) -> None:
    assert len({session_for(item) for _ in range(20)}) == 1
    assert Order.objects.count() == 1
    assert not Session.objects.exists()


def test_another_program_or_address_gets_another_session(
    item: Item, local_stripe: LocalStripe
) -> None:
    others = [{"name": "Wget/1"}, {"address": "10.0.0.9"}]
    assert len({session_for(item, **other) for other in [{}, *others]}) == 3


def test_a_browser_at_the_same_address_never_shares_it(
    item: Item, local_stripe: LocalStripe
) -> None:
    program = session_for(item, "")
    assert new_browser().get(f"/buy/{item.pk}").json()["id"] != program
    assert Session.objects.count() == 1
