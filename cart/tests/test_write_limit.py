"""Too many changes of the cart from one address are refused in place, and the cart stays."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from cart.models import Discount, Order, OrderLine
from store.models import Item
from tests.support.carts import HTMX, add, quantities
from tests.support.statements import count_twice, fails_at
from web.models import RequestCount

WAIT = "You have tried too often. Please wait a minute and try again."


@pytest.fixture
def line(client: Client, item: Item) -> OrderLine:
    add(client, item, quantity=2)
    return OrderLine.objects.get()


@pytest.fixture
def no_more(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address has made its only change of this minute."""
    settings.WRITE_RATE_LIMIT = 1
    monkeypatch.setattr("time.time", lambda: 60_000_015.0)
    Client().post("/order/lines", {"item": ""})


def expect_refused(answer: Any, *texts: str, is_fragment: bool) -> None:
    assert answer.status_code == 429
    assert answer["Retry-After"] == "45"
    page = answer.content.decode()
    for text in (WAIT, *texts):
        assert text in page
    assert ("<html" not in page) == is_fragment == ("X-Fragment" in answer)


@pytest.mark.usefixtures("no_more")
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_add_says_so_in_the_form(
    client: Client, item: Item, headers: dict[str, str]
) -> None:
    answer = client.post("/order/lines", {"item": item.pk}, headers=headers)
    expect_refused(answer, "Add to cart", is_fragment=bool(headers))
    assert "sessionid" not in answer.cookies
    assert not Order.objects.exists()
    assert not Session.objects.exists()


@pytest.mark.usefixtures("line", "no_more")
def test_a_refused_add_of_nothing_shows_the_cart(client: Client, item: Item) -> None:
    expect_refused(client.post("/order/lines", {"item": "x"}), item.name, is_fragment=False)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_change_is_beside_its_line_and_keeps_what_was_typed(
    client: Client, line: OrderLine, no_more: None, headers: dict[str, str]
) -> None:
    path = f"/order/lines/{line.pk}"
    for address, fields in (
        (path, {"quantity": "17", "was": "2"}),
        (path, {"change": "1"}),
        (f"{path}/remove", {}),
    ):
        answer = client.post(address, fields, headers=headers)
        place = f'id="quantity-error-USD-{line.item_id}" data-message\n>{WAIT}'
        typed = 'value="17"' if "quantity" in fields else 'value="2"'
        expect_refused(answer, place, typed, is_fragment=bool(headers))
    assert list(quantities(client).values()) == [2]


@pytest.mark.usefixtures("no_more")
def test_a_refused_change_of_an_unknown_line_shows_the_page(client: Client) -> None:
    expect_refused(client.post("/order/lines/1", {"change": "1"}), is_fragment=False)


@pytest.mark.usefixtures("line", "no_more")
@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("address", ["/order/discount", "/order/discount/remove"])
def test_a_refused_code_is_beside_its_field_and_stays_in_it(
    client: Client, address: str, headers: dict[str, str]
) -> None:
    form = {"code": "TEN", "currency": "USD"}
    answer = client.post(address, form, headers=headers)
    place = f'id="code-error-USD" data-message\n>{WAIT}'
    expect_refused(answer, place, 'value="TEN"', is_fragment=bool(headers))


@pytest.mark.usefixtures("line")
def test_codes_have_a_lower_limit_than_other_changes(client: Client, settings: Any) -> None:
    settings.CODE_RATE_LIMIT = 2
    Discount.objects.create(code="TEN", percent=Decimal(10))
    codes = ["A", "B", "C", "D", "E", "TEN"]
    forms = [{"code": code, "currency": "USD"} for code in codes]
    statuses = [client.post("/order/discount", form).status_code for form in forms]
    assert statuses[:2] == [422, 422]
    assert statuses[-1] == 429  # also if a new minute has begun meanwhile
    assert Order.objects.get().discount is None
    assert list(quantities(client).values()) == [2]


def test_a_code_that_can_be_no_code_is_not_counted(client: Client, line: OrderLine) -> None:
    form = {"code": "x" * 41, "currency": "USD"}
    assert client.post("/order/discount", form).status_code == 422
    assert not RequestCount.objects.filter(action="code").exists()


def test_looking_at_pages_is_not_counted(client: Client, line: OrderLine) -> None:
    RequestCount.objects.all().delete()
    for path in ("/", "/order", "/order/lines", f"/item/{line.item_id}"):
        client.get(path)
    assert not RequestCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_is_counted_once_also_if_it_is_refused(client: Client, make_item: Any) -> None:
    item = make_item(stock=1)
    statuses = [add(client, each).status_code for each in (item, item, 404404)]
    assert statuses == [303, 409, 404]
    assert counted() == 3


@pytest.mark.django_db(transaction=True)
def test_a_change_that_fails_is_counted(item: Item) -> None:
    client = Client(raise_request_exception=False)
    with fails_at("INSERT INTO cart_orderline"):
        assert add(client, item).status_code == 500
    assert counted() == 1


@pytest.mark.usefixtures("line")
def test_a_code_over_its_limit_is_counted_as_a_change_too(client: Client, settings: Any) -> None:
    settings.CODE_RATE_LIMIT = 1
    before = counted()
    forms = [{"code": code, "currency": "USD"} for code in ("A", "B", "C", "D")]
    assert client.post("/order/discount", forms[0]).status_code == 422
    assert 429 in [client.post("/order/discount", form).status_code for form in forms[1:]]
    assert counted() == before + 4


@pytest.mark.django_db(transaction=True)
def test_a_change_that_another_one_overtook_is_undone(
    client: Client, item: Item, settings: Any
) -> None:
    settings.WRITE_RATE_LIMIT = 1
    with count_twice():
        answer = add(client, item)
    assert answer.status_code == 429
    assert "sessionid" not in answer.cookies
    assert not Order.objects.exists()
    assert not Session.objects.exists()


def counted() -> int:
    return sum(RequestCount.objects.filter(action="write").values_list("count", flat=True))
