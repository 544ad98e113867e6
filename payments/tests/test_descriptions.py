"""What buyers and staff read at Stripe: description, language, picture of an order."""

from typing import Any

import pytest
from django.test import Client

from cart.models import Order
from payments.models import Payment
from payments.stripe_api.locales import locale_of
from store.models import Item
from tests.support.carts import add
from tests.support.local_stripe import LocalStripe
from tests.support.pictures import add_picture
from tests.support.presses import intent_of_cart, new_browser, session_of_cart
from tests.support.shop_row import edit_shop
from web.addresses import is_public_https

RUSSIAN = {"Accept-Language": "ru"}


def sent_sessions(local_stripe: LocalStripe) -> list[dict[str, Any]]:
    return [each["params"] for each in local_stripe.requests("POST", "/v1/checkout/sessions")]


def sent_product(local_stripe: LocalStripe) -> dict[str, Any]:
    """The product of the only line item of the only session."""
    (params,) = sent_sessions(local_stripe)
    product: dict[str, Any] = params["line_items"]["0"]["price_data"]["product_data"]
    return product


@pytest.fixture
def cart(client: Client, item: Item, make_item: Any) -> Order:
    add(client, item, quantity=2)
    add(client, make_item(name="Tea towel"))
    return Order.objects.get()


def test_the_payment_of_a_session_has_order_number_and_items(
    client: Client, cart: Order, local_stripe: LocalStripe
) -> None:
    session_id = session_of_cart(client)
    local_stripe.pay(session_id)
    intent = local_stripe.intent(str(local_stripe.session(session_id)["payment_intent"]))
    assert intent["description"] == f"Order {cart.number}: 2 × Stoneware mug, 1 × Tea towel"
    assert intent["metadata"]["order"] == cart.number


def test_an_intent_has_them_too(client: Client, cart: Order, local_stripe: LocalStripe) -> None:
    intent = local_stripe.intent(intent_of_cart(client))
    assert intent["description"] == f"Order {cart.number}: 2 × Stoneware mug, 1 × Tea towel"


def test_a_description_has_at_most_1000_characters(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    for number in range(8):
        add(client, make_item(name=f"{number}" * 200))
    session_of_cart(client)
    (params,) = sent_sessions(local_stripe)
    description = params["payment_intent_data"]["description"]
    assert (len(description), description[-1]) == (1000, "…")


def test_stripes_page_has_the_language_of_the_shops_page(
    item: Item, local_stripe: LocalStripe
) -> None:
    new_browser().get(f"/buy/{item.pk}")
    Client(headers=RUSSIAN).get(f"/buy/{item.pk}")
    english, russian = sent_sessions(local_stripe)
    assert (english["locale"], russian["locale"]) == ("en", "ru")
    assert russian["payment_intent_data"]["description"].startswith("Заказ ")


@pytest.mark.django_db(transaction=True)
def test_a_repeated_call_sends_the_language_of_the_first(
    item: Item, local_stripe: LocalStripe
) -> None:
    """With other parameters Stripe would refuse the idempotency key."""
    client = Client(headers=RUSSIAN)
    client.get("/")
    local_stripe.fail(drop="after", calls=3)
    first = client.get(f"/buy/{item.pk}")
    assert first.status_code == 503
    Payment.objects.update(state="open")
    Order.objects.update(state="checkout")
    local_stripe.fail(calls=0)
    client.get(f"/buy/{item.pk}", headers={"Accept-Language": "en"})
    assert {each["locale"] for each in sent_sessions(local_stripe)} == {"ru"}
    assert len(local_stripe.all_sessions()) == 1


def test_an_edited_description_does_not_stop_a_repeated_call(
    client: Client, item: Item, local_stripe: LocalStripe, settings: Any
) -> None:
    """Stripe's first answer was lost. Staff edit the item and the settings before the next try."""
    settings.BASE_URL = "https://shop.example"
    local_stripe.configure(terms_url="https://shop.example/terms")
    add(client, item)
    session_of_cart(client)
    Payment.objects.update(stripe_id="")
    Item.objects.update(description="Holds 400 ml.")
    session_of_cart(client)
    Payment.objects.update(stripe_id="")
    settings.CHECKOUT_TERMS = True
    session_of_cart(client)
    assert Payment.objects.get().stripe_id
    assert len(local_stripe.all_sessions()) == 3


def test_each_language_has_a_locale_at_stripe(settings: Any) -> None:
    for language, _name in settings.LANGUAGES:
        assert locale_of(language) == language
    assert locale_of("eo") == locale_of("") == "auto"


def test_a_public_shop_sends_picture_and_description(
    client: Client, make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.BASE_URL = "https://shop.example"
    item = make_item(description=" Holds 350 ml. ")
    add_picture(item, "items/a mug.webp", widths=[])
    client.get(f"/buy/{item.pk}")
    product = sent_product(local_stripe)
    assert product["description"] == "Holds 350 ml."
    assert product["images"] == {"0": "https://shop.example/media/items/a%20mug.webp"}


@pytest.mark.parametrize("base_url", ["http://localhost:8000", "http://shop.example"])
def test_a_shop_that_is_not_public_sends_neither(
    client: Client, make_item: Any, local_stripe: LocalStripe, settings: Any, base_url: str
) -> None:
    settings.BASE_URL = base_url
    item = make_item(description="Holds 350 ml.")
    add_picture(item)
    client.get(f"/buy/{item.pk}")
    assert sent_product(local_stripe) == {"name": "Mug"}


def test_an_item_without_description_and_picture_sends_neither(
    client: Client, make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    """Stripe refuses an empty text."""
    settings.BASE_URL = "https://shop.example"
    client.get(f"/buy/{make_item(description=' ').pk}")
    assert sent_product(local_stripe) == {"name": "Mug"}


def test_a_picture_with_an_address_that_is_too_long_is_left_out(
    client: Client, make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.BASE_URL, settings.MEDIA_URL = "https://shop.example", f"/{'a' * 2048}/"
    item = make_item()
    add_picture(item)
    client.get(f"/buy/{item.pk}")
    assert sent_product(local_stripe) == {"name": "Mug"}


def test_a_picture_on_another_host_keeps_its_address(
    client: Client, make_item: Any, local_stripe: LocalStripe, settings: Any
) -> None:
    settings.BASE_URL, settings.MEDIA_URL = "https://shop.example", "https://cdn.example/"
    item = make_item()
    add_picture(item)
    client.get(f"/buy/{item.pk}")
    assert sent_product(local_stripe)["images"] == {"0": "https://cdn.example/items/mug-640.webp"}


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("https://shop.example", True),
        ("https://93.184.215.14", True),
        ("http://shop.example", False),
        ("https://localhost", False),
        ("https://shop.localhost", False),
        ("https://shop.local", False),
        ("https://intranet", False),
        ("https://127.0.0.1", False),
        ("https://192.168.1.20:8443", False),
        ("https://[::1]", False),
        ("", False),
    ],
)
def test_a_public_address_is_https_and_known_everywhere(address: str, is_public: bool) -> None:
    assert is_public_https(address) is is_public


@pytest.mark.parametrize("method", ["get", "intent"])
def test_a_description_starts_with_the_shops_name(
    client: Client, item: Item, local_stripe: LocalStripe, method: str
) -> None:
    edit_shop(name="Mug & Co")
    buy(client, item, method)
    assert description_of(local_stripe, method).startswith("Mug & Co · Order ")


@pytest.mark.parametrize("method", ["get", "intent"])
def test_a_repeated_call_sends_the_name_of_the_first(
    client: Client, item: Item, local_stripe: LocalStripe, method: str
) -> None:
    """The shop stopped during the first call, and the merchant renamed it before the next press."""
    edit_shop(name="Mug & Co")
    buy(client, item, method)
    first = Payment.objects.get()
    Payment.objects.update(stripe_id="")
    edit_shop(name="Cup & Co")
    buy(client, item, method)
    assert Payment.objects.get().stripe_id == first.stripe_id
    assert description_of(local_stripe, method).startswith("Mug & Co · Order ")


def buy(client: Client, item: Item, method: str) -> None:
    if method == "intent":
        assert client.post(f"/buy/{item.pk}/intent").status_code == 200
    else:
        assert client.get(f"/buy/{item.pk}").status_code == 200


def description_of(local_stripe: LocalStripe, method: str) -> str:
    """The description in the last call."""
    if method == "intent":
        return str(
            local_stripe.requests("POST", "/v1/payment_intents")[-1]["params"]["description"]
        )
    return str(sent_sessions(local_stripe)[-1]["payment_intent_data"]["description"])
