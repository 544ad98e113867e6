"""Presses of Buy and "Pay here", by Django's test client."""

from typing import Any

from django.test import Client

from payments.models import Payment
from store.models import Item


def new_browser(address: str = "127.0.0.1") -> Client:
    """A client that the shop takes for a browser. Without this header, all are one program."""
    return Client(headers={"Accept-Language": "en"}, REMOTE_ADDR=address)


def press_buy(item: Item) -> Payment:
    """Buy one piece as a new visitor; return the attempt, which is not paid yet."""
    new_browser().get(f"/buy/{item.pk}")
    return Payment.objects.latest("pk")


def buy_cart(client: Client, **query: str) -> Any:
    return client.get("/order/buy", query)


def session_of_cart(client: Client, **query: str) -> str:
    """Buy the cart; return the id of the session."""
    answer = buy_cart(client, **query)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["id"])


def intent_of_item(client: Client, item: Item) -> str:
    """Press "Pay here" for one piece; return the id of the intent."""
    return _intent_id(client.post(f"/buy/{item.pk}/intent"))


def intent_of_cart(client: Client, **fields: str) -> str:
    """Press "Pay here" for the cart; return the id of the intent."""
    return _intent_id(client.post("/order/intent", fields))


def _intent_id(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return str(answer.json()["client_secret"]).split("_secret_")[0]
