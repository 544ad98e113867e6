from typing import Any

import pytest
from django.test import Client

from cart.models import OrderLine
from store.models import Item
from tests.support.carts import HTMX, add


@pytest.fixture
def line(client: Client, item: Item) -> OrderLine:
    add(client, item, quantity=2)
    return OrderLine.objects.get()


def update(client: Client, line: OrderLine, quantity: Any, **headers: str) -> Any:
    return client.post(f"/order/lines/{line.pk}", {"quantity": quantity}, headers=headers)


def test_sets_the_quantity(client: Client, line: OrderLine) -> None:
    answer = update(client, line, 5)
    assert (answer.status_code, answer["Location"]) == (303, "/order")
    line.refresh_from_db()
    assert line.quantity == 5


def test_htmx_gets_cart_badge_and_one_announcement(client: Client, line: OrderLine) -> None:
    fragment = update(client, line, 3, **HTMX).content.decode()
    assert '<div id="cart"' in fragment
    assert '<span class="count">3<' in fragment
    assert "Your cart: 3 items, $59.97." in fragment
    assert fragment.count('id="announcement"') == 1
    assert "<html" not in fragment


def test_zero_removes_the_line(client: Client, line: OrderLine) -> None:
    assert "Your cart is empty." in update(client, line, 0, **HTMX).content.decode()
    assert not OrderLine.objects.exists()


@pytest.mark.parametrize("text", ["-1", "1.5", "abc", str(10**30), "", "2147483648", "1000", " "])
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_wrong_quantity_is_422_and_stays_in_its_field(
    client: Client, line: OrderLine, text: str, headers: dict[str, str]
) -> None:
    answer = update(client, line, text, **headers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "must be a whole number from 0 to 999" in page
    assert f'value="{text}" aria-invalid="true"' in page
    assert f'aria-describedby="quantity-error-USD-{line.item_id}"' in page
    line.refresh_from_db()
    assert line.quantity == 2


def test_more_than_the_stock_is_422_but_fewer_is_always_possible(
    client: Client, line: OrderLine
) -> None:
    Item.objects.update(stock=1)
    assert "Only 1 left." in update(client, line, 3).content.decode()
    assert update(client, line, 1).status_code == 303


def test_another_buyers_line_is_404_and_does_not_change(client: Client, line: OrderLine) -> None:
    for path in (f"/order/lines/{line.pk}", f"/order/lines/{line.pk}/remove"):
        answer = Client().post(path, {"quantity": 9})
        assert answer.status_code == 404
        assert "Your cart has changed meanwhile" in answer.content.decode()
    line.refresh_from_db()
    assert line.quantity == 2


def test_removes_the_line(client: Client, line: OrderLine) -> None:
    assert client.post(f"/order/lines/{line.pk}/remove").status_code == 303
    assert not OrderLine.objects.exists()


def test_a_line_that_another_tab_removed_shows_the_cart_as_it_is(
    client: Client, line: OrderLine
) -> None:
    OrderLine.objects.all().delete()
    answer = update(client, line, 3, **HTMX)
    assert answer.status_code == 404
    assert '<div id="cart"' in answer.content.decode()


@pytest.mark.parametrize("end", ["", "/remove"])
def test_get_redirects_to_the_cart_and_changes_nothing(
    client: Client, line: OrderLine, end: str
) -> None:
    path = f"/order/lines/{line.pk}{end}"
    for answer in (client.get(path, {"quantity": 9}), client.head(path)):
        assert (answer.status_code, answer["Location"]) == (303, "/order")
    assert client.put(path).status_code == 405
    line.refresh_from_db()
    assert line.quantity == 2
