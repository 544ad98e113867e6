"""Pieces that were refunded aren't sent: neither the order's page nor the list asks for them."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import TO_SHIP, Discount, Order
from payments.models import Payment, Refund
from payments.refunds import request_refund
from store.models import Item
from tests.support.answers import page_of
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid_cart


@pytest.fixture
def mug(make_item: Any) -> Item:
    made: Item = make_item(stock=4, price="16.25")
    return made


def give_back(payment: Payment, quantity: int, amount: int) -> Refund:
    values: dict[str, Any] = {"key": uuid4(), "reason": "requested_by_customer", "by": "ada"}
    mugs = payment.order.lines.filter(item__name="Mug")
    pieces = {line.pk: quantity for line in mugs} if quantity else {}
    at = timezone.now()
    return request_refund(
        payment=payment, amount=amount, pieces=pieces, restock=True, at=at, **values
    )


def test_the_page_of_an_order_says_which_pieces_were_refunded(
    admin_client: Client, mug: Item, make_item: Any, local_stripe: LocalStripe
) -> None:
    payment = paid_cart({mug: 2, make_item(name="Bowl"): 1}, local_stripe)
    address = f"/admin/cart/order/{payment.order_id}/change/"
    assert "Refunded pieces" not in page_of(admin_client, address)
    give_back(payment, 1, amount=500)
    page = page_of(admin_client, address)
    assert page.count("Refunded pieces") == page.count("Refunded pieces: 1") == 1
    assert page.index("Mug") < page.index("Refunded pieces: 1") < page.index("Bowl")
    give_back(payment, 1, amount=500)
    assert "Refunded pieces: 2" in page_of(admin_client, address)
    assert Order.objects.filter(TO_SHIP).exists()  # the bowl


def test_an_order_without_pieces_left_is_not_to_ship(
    client: Client, mug: Item, local_stripe: LocalStripe
) -> None:
    """The merchant has kept a part of the money, for example what the shipping cost."""
    payment = paid_cart({mug: 2}, local_stripe)
    give_back(payment, 1, amount=1000)
    assert Order.objects.filter(TO_SHIP).exists()
    give_back(payment, 1, amount=1000)
    assert not Order.objects.filter(TO_SHIP).exists()
    page = page_of(client, payment.order.get_absolute_url())
    assert "Nothing is sent by post." in page
    assert "We pack your order" not in page


def test_a_download_that_is_left_is_not_to_ship(
    mug: Item, make_item: Any, local_stripe: LocalStripe
) -> None:
    payment = paid_cart({mug: 1, make_item(name="Song", needs_shipping=False): 1}, local_stripe)
    give_back(payment, 1, amount=500)
    assert not Order.objects.filter(TO_SHIP).exists()


def test_an_amount_alone_leaves_everything_to_ship(mug: Item, local_stripe: LocalStripe) -> None:
    payment = paid_cart({mug: 1}, local_stripe)
    Item.objects.update(needs_shipping=False)  # for later orders
    give_back(payment, 0, amount=500)
    assert Order.objects.filter(TO_SHIP).exists()


def test_a_free_order_that_was_given_back_is_not_to_ship(
    mug: Item, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="GIFT", percent=100)
    payment = paid_cart({mug: 2}, local_stripe, code="gift")
    give_back(payment, 1, amount=0)
    assert Order.objects.filter(TO_SHIP).exists()
    give_back(payment, 1, amount=0)
    assert not Order.objects.filter(TO_SHIP).exists()
