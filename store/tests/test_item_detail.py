import re
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.test import Client, override_settings

from store.models import Item
from tests.support.shop_row import main_of


def test_shows_name_description_price_and_buy(client: Client, item: Item) -> None:
    page = client.get(f"/item/{item.pk}").content.decode()
    assert "<h1>Stoneware mug</h1>" in page
    assert "Holds 350 ml." in page
    assert "$19.99" in page
    assert f'action="/buy/{item.pk}"' in page
    assert ">Buy now</button>" in page


def test_loads_no_stripe_script_before_buy_is_pressed(client: Client, item: Item) -> None:
    page = client.get(f"/item/{item.pk}").content.decode()
    assert f'data-stripe-js="{shop_settings.STRIPE_JS_URL}"' in page
    assert f'src="{shop_settings.STRIPE_JS_URL}"' not in page


@pytest.mark.parametrize(("stock", "text"), [(0, "Sold out"), (1, "Only 1 left"), (5, "Only 5")])
def test_says_how_many_are_left(client: Client, make_item: Any, stock: int, text: str) -> None:
    page = client.get(f"/item/{make_item(stock=stock).pk}").content.decode()
    assert text in page


@pytest.mark.parametrize("methods", [["checkout", "intent"], ["intent"]])
def test_a_sold_out_item_has_one_disabled_button(
    client: Client, make_item: Any, settings: Any, methods: list[str]
) -> None:
    settings.PAYMENT_METHODS = methods
    page = client.get(f"/item/{make_item(stock=0).pk}").content.decode()
    buttons = re.findall(r"<button([^>]*)>(.*?)</button>", main_of(page), re.DOTALL)
    assert [label for _attributes, label in buttons] == ["Sold out"]
    assert "disabled" in buttons[0][0]


def test_htmx_gets_the_price_and_the_buttons(client: Client, item: Item) -> None:
    Item.objects.update(price=25)
    answer = client.get(f"/item/{item.pk}", headers={"HX-Request": "true"})
    fragment = answer.content.decode()
    assert answer["X-Fragment"]
    assert "HX-Request" in answer["Vary"]
    assert "<h1>" not in fragment
    assert 'id="item-price" data-amount="2500"' in fragment
    assert 'name="seen_amount" value="2500"' in fragment
    assert 'name="currency" value="USD"' in fragment
    assert f'data-refresh-from="/item/{item.pk}"' in fragment
    assert "X-Fragment" not in client.get(f"/item/{item.pk}")


def test_markup_in_a_name_stays_text(client: Client, make_item: Any) -> None:
    item = make_item(name="</title><script>alert(1)</script>", description="<b>bold</b>")
    page = client.get(f"/item/{item.pk}").content.decode()
    assert "<script>alert" not in page
    assert "<b>" not in page


@pytest.mark.parametrize("number", [404404, 10**30])
def test_unknown_item_is_404(client: Client, db: None, number: int) -> None:
    answer = client.get(f"/item/{number}")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_unlisted_item_is_404(client: Client, make_item: Any) -> None:
    assert client.get(f"/item/{make_item(is_listed=False).pk}").status_code == 404


@pytest.mark.parametrize(
    ("methods", "buttons"), [("checkout", {"Buy now"}), ("intent", {"Pay here"})]
)
def test_offers_the_payment_methods_of_the_shop(
    client: Client, item: Item, settings: Any, methods: str, buttons: set[str]
) -> None:
    settings.PAYMENT_METHODS = [methods]
    page = client.get(f"/item/{item.pk}").content.decode()
    assert {name for name in ("Buy now", "Pay here") if f">{name}</button>" in page} == buttons
    assert ("needs JavaScript" in page) == (methods == "intent")


def test_a_wrong_host_is_refused(client: Client, item: Item) -> None:
    with override_settings(DEBUG=False):
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
