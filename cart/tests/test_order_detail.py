import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cart.models import Discount, Order, State, Tax
from store.models import Item
from tests.support.carts import HTMX, add


def cart_of(client: Client, **headers: str) -> str:
    answer = client.get("/order", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_shows_lines_totals_and_buy(client: Client, item: Item) -> None:
    add(client, item, quantity=2)
    page = cart_of(client)
    assert "Stoneware mug" in page
    assert 'data-amount="3998"' in page
    assert 'action="/order/buy"' in page
    assert ">Buy</button>" in page


def test_the_price_of_a_piece_is_shown_from_two_pieces_on(client: Client, item: Item) -> None:
    add(client, item)
    assert f'id="price-USD-{item.pk}"' not in cart_of(client)
    add(client, item)
    assert f'id="price-USD-{item.pk}" data-amount="1999">$19.99</span>' in cart_of(client)


def test_an_empty_cart_says_so_and_leads_on(client: Client, db: None) -> None:
    page = cart_of(client)
    assert "Your cart is empty." in page
    main = page.partition("<main")[2].partition("</main>")[0]
    assert re.findall('href="(.+?)"', main) == ["/", "/order/find"]


def test_the_code_field_is_folded_until_it_is_used(client: Client, item: Item) -> None:
    """A code that is applied is shown; without scripts, a refused one is shown in its field."""
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    assert is_folded(cart_of(client))
    refused = client.post("/order/discount", {"code": "wrong", "currency": "USD"})
    assert not is_folded(refused.content.decode())
    client.post("/order/discount", {"code": "ten", "currency": "USD"})
    page = cart_of(client)
    assert is_folded(page)
    assert "Discount code <strong>TEN</strong>" in page.partition("</details>")[2]


def is_folded(page: str) -> bool:
    return re.findall("<details (.*?)>", page) == [""]


def test_is_not_cached_and_varies_by_htmx(client: Client, item: Item) -> None:
    for headers in ({}, HTMX):
        answer = client.get("/order", headers=headers)
        assert "no-store" in answer["Cache-Control"]
        assert "HX-Request" in answer["Vary"]
    assert "<html" in cart_of(client, **HTMX, **{"HX-History-Restore-Request": "true"})


def test_one_section_for_each_currency(client: Client, make_item: Any) -> None:
    add(client, make_item(currency="USD"))
    add(client, make_item(currency="EUR", price=Decimal(7)))
    page = cart_of(client)
    assert "Buy (EUR)" in page
    assert "Buy (USD)" in page
    assert "€7.00" in page
    assert "each with its own payment and shipping" in page


def test_a_cart_in_one_currency_says_nothing_of_others(client: Client, item: Item) -> None:
    add(client, item)
    assert "different currencies" not in cart_of(client)


def test_discount_and_taxes_have_a_line_each(client: Client, make_item: Any) -> None:
    Tax.objects.create(display_name="VAT", percentage=Decimal(20), is_inclusive=True)
    Tax.objects.create(display_name="City tax", percentage=Decimal("2.5"))
    Tax.objects.create(display_name="Off", percentage=Decimal(5), is_active=False)
    Tax.objects.create(display_name="Rare", percentage=Decimal(5), applies_by_default=False)
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, make_item(price=Decimal("133.34")))
    client.post("/order/discount", {"code": "ten", "currency": "USD"})
    page = cart_of(client)
    for amount in (13334, 1333, 2000, 250, 12251):
        assert f'data-amount="{amount}"' in page
    assert "VAT 20 % (included)" in page
    assert "City tax 2.5 %" in page
    assert "Off" not in page
    assert "Rare" not in page


@pytest.mark.parametrize("price", ["25.00", "15.00"])
def test_shows_a_changed_price(client: Client, item: Item, price: str) -> None:
    add(client, item)
    Item.objects.update(price=Decimal(price))
    page = cart_of(client)
    assert "The price has changed; it was $19.99." in page
    assert f"${price}" in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"is_listed": False}, "isn’t for sale any more"),
        ({"stock": 0}, "is sold out"),
        ({"stock": 1}, "Only 1 left. Lower the quantity to go on."),
        ({"currency": "EUR"}, "in another currency now"),
    ],
)
def test_a_line_that_cannot_be_bought_says_why_and_blocks_buy(
    client: Client, item: Item, change: dict[str, Any], message: str
) -> None:
    add(client, item, quantity=2)
    Item.objects.update(**change)
    page = cart_of(client)
    assert message in page
    assert "disabled" in page.split("data-buy-button")[1].split("</button>")[0]


@pytest.mark.parametrize("change", [{"is_listed": False}, {"stock": 0}, {"currency": "EUR"}])
def test_a_line_that_cannot_be_bought_is_outside_the_total(
    client: Client, item: Item, make_item: Any, change: dict[str, Any]
) -> None:
    add(client, item, quantity=2)
    add(client, make_item(price=Decimal(5)))
    Item.objects.filter(pk=item.pk).update(**change)
    page = cart_of(client)
    line = page.split(f'id="line-USD-{item.pk}"')[1].split("</li>")[0]
    assert "Not in the total" in line
    assert "data-not-counted" in line.split(">")[0]
    assert "One more" not in line
    assert "Remove" in line
    assert page.count("Not in the total") == 1
    assert 'class="total" data-amount="500"' in page


def test_too_few_pieces_can_be_lowered_and_are_in_the_total(client: Client, item: Item) -> None:
    add(client, item, quantity=2)
    Item.objects.update(stock=1)
    page = cart_of(client)
    assert "One less" in page
    assert "Not in the total" not in page
    assert 'class="total" data-amount="3998"' in page


@pytest.mark.parametrize(("price", "quantity"), [("1234.50", 999), ("150000", 7)])
def test_a_total_above_stripes_maximum_blocks_buy(
    client: Client, make_item: Any, price: str, quantity: int
) -> None:
    item = make_item(price=Decimal(price))
    add(client, item, quantity=quantity)
    page = cart_of(client)
    assert "An order can be at most $999,999.99. Please split it." in page
    for button in ("data-buy-button", "data-start"):
        assert "disabled" in page.split(button)[1].split("</button>")[0]
    client.post(f"/order/lines/{item.order_lines.get().pk}", {"quantity": 6})
    assert "at most" not in cart_of(client)


def test_enter_in_the_code_field_presses_apply_and_not_buy(client: Client, item: Item) -> None:
    """A browser presses the first button of the form."""
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    client.post("/order/discount", {"code": "TEN", "currency": "USD"})
    form = cart_of(client).split('action="/order/buy"')[1].split("</form>")[0]
    labels = [each.split("</button>")[0].split(">")[-1] for each in form.split("<button")[1:]]
    assert labels == ["Apply", "Remove code", "Buy"]


def test_a_shop_without_checkout_has_the_code_field_and_no_buy(
    client: Client, item: Item, settings: Any
) -> None:
    settings.PAYMENT_METHODS = ["intent"]
    add(client, item)
    page = cart_of(client)
    assert 'formaction="/order/discount"' in page
    assert "data-buy" not in page


def test_tells_the_script_where_its_current_state_is(client: Client, item: Item) -> None:
    add(client, item)
    assert '<div id="cart" data-refresh-from="/order"' in cart_of(client)


def test_login_keeps_the_cart_and_logout_removes_it(client: Client, item: Item) -> None:
    user = User.objects.create_superuser("ann", password="word")
    add(client, item)
    client.force_login(user)
    assert "Stoneware mug" in cart_of(client)
    client.logout()
    assert "Your cart is empty." in cart_of(client)


def test_another_visitor_does_not_see_the_cart(client: Client, item: Item) -> None:
    add(client, item)
    assert "Your cart is empty." in cart_of(Client())


def test_the_badge_counts_the_pieces_of_all_carts(client: Client, make_item: Any) -> None:
    add(client, make_item(currency="USD"), quantity=2)
    add(client, make_item(currency="EUR"))
    assert '<span class="count">3<' in client.get("/").content.decode()


def test_a_code_that_expired_meanwhile_is_explained_and_not_counted(
    client: Client, item: Item
) -> None:
    discount = Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    client.post("/order/discount", {"code": "TEN", "currency": "USD"})
    discount.ends_at = timezone.now() - timedelta(seconds=1)
    discount.save()
    page = cart_of(client)
    assert "This code has expired." in page
    assert 'class="total" data-amount="1999"' in page
    assert Order.objects.get().discount == discount


def test_an_empty_cart_names_the_order_that_was_just_paid(client: Client, item: Item) -> None:
    add(client, item)
    order = Order.objects.get()
    now = timezone.now()
    order.lines.all().delete()
    paid = Order.objects.create(
        visitor=order.visitor, currency="USD", state=State.PAID, paid_at=now, frozen_at=now
    )
    assert f"Order {paid.number} was paid." in client.get("/order").content.decode()
    Order.objects.update(updated_at=now - timedelta(days=2))
    assert paid.number not in client.get("/order").content.decode()
