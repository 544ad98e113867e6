"""Staff mark an order as shipped, correct it and take it back."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cart.models import Order, State
from tests.support.answers import page_of
from tests.support.fulfilment import LIST, press
from tests.support.presses import new_browser


def test_staff_mark_correct_and_take_back(admin_client: Client, order: Order) -> None:
    form = page_of(admin_client, f"{LIST}{order.pk}/shipped/")
    assert "Send the buyer a mail" in form
    assert 'type="url"' not in form  # a browser would refuse "carrier.example/12"
    url = "https://carrier.example/12"
    page = press(admin_client, order, tracking_number="LD 12", tracking_url=url)
    assert "The order is marked as shipped." in page
    assert f'<a href="{url}" rel="noopener noreferrer">LD 12</a>' in page
    assert (bool(order.shipped_at), order.tracking_url) == (True, url)
    form = page_of(admin_client, f"{LIST}{order.pk}/shipped/")
    assert 'value="LD 12"' in form
    assert 'name="notify" id="id_notify">' in form  # not ticked
    assert "The tracking was saved." in press(admin_client, order, "change", tracking_number="NEW")
    assert (order.tracking_number, order.tracking_url) == ("NEW", "")
    assert "isn’t marked as shipped any more" in press(admin_client, order, "undo")
    assert order.shipped_at is None
    assert "has changed since you opened the page" in press(admin_client, order, "undo")


def test_a_second_press_says_who_was_first(admin_client: Client, order: Order) -> None:
    press(admin_client, order)
    ben = User.objects.create_superuser("ben")
    second = new_browser()
    second.force_login(ben)
    assert "was marked as shipped" in (page := press(second, order))
    assert "by admin." in page
    assert order.history.filter(kind="shipped").count() == 1


@pytest.mark.parametrize("url", ["http://carrier.example/1", "javascript:alert(1)", "//x y"])
def test_the_tracking_link_must_be_https(admin_client: Client, order: Order, url: str) -> None:
    address = f"{LIST}{order.pk}/shipped/"
    answer = admin_client.post(address, {"mark": "x", "tracking_url": url})
    assert answer.status_code == 422
    assert answer.content.decode().count("Enter a link that begins with https://.") == 1
    assert "Enter a valid URL." not in answer.content.decode()
    order.refresh_from_db()
    assert order.shipped_at is None


def test_an_order_that_is_not_paid_is_refused(admin_client: Client, make_order: Any) -> None:
    order = make_order(state=State.CHECKOUT, paid_at=None)
    assert "Not marked as shipped: not paid." in press(admin_client, order)


def test_a_refunded_order_is_not_shipped(admin_client: Client, order: Order) -> None:
    Order.objects.update(refunded_amount=3998)
    assert "Mark as shipped…" not in page_of(admin_client, f"{LIST}{order.pk}/change/")
    assert "Not marked as shipped: refunded." in press(admin_client, order)
    assert order.shipped_at is None
