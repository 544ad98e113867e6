import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cart.freezing import freeze_item
from cart.holds import release
from cart.item_quote import quote_item
from cart.models import Cause, HistoryKind, Order, ShippingAddress, State
from store.models import Item
from tests.support.alerts import add_alert, resolve_alerts_of
from tests.support.carts import HTMX
from tests.support.pictures import add_picture
from tests.support.shop_row import forget_shop


@pytest.fixture
def order(item: Item) -> Order:
    return freeze_item(quote_item(item), address_hash="", buy_key="a", at=timezone.now()).order


def page_of(client: Client, order: Order, query: str = "", **headers: str) -> str:
    answer = client.get(f"/order/{order.token}{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_waiting_order_polls(client: Client, order: Order) -> None:
    page = page_of(client, order)
    assert "We are waiting for your payment" in page
    assert f'hx-get="/order/{order.token}?poll=1&amp;state=checkout"' in page
    assert "$19.99" in page


def test_an_unpaid_order_links_back_to_the_page_with_buy(
    client: Client, order: Order, item: Item
) -> None:
    link = '<a href="{}">Go back and press Buy again</a>'
    assert link.format(f"/item/{item.pk}") in page_of(client, order)
    Order.objects.update(buy_key="")
    assert link.format("/order") in page_of(client, order)
    Order.objects.update(state=State.PAID, paid_at=timezone.now())
    assert "press Buy again" not in page_of(client, order)


def test_stops_polling_after_ten_times(client: Client, order: Order) -> None:
    assert "?poll=10" in page_of(client, order, "?poll=9", **HTMX)
    last = page_of(client, order, "?poll=10", **HTMX)
    assert "hx-get" not in last
    assert "This is taking longer than usual" in last


@pytest.mark.parametrize("poll", ["-1", "11", "abc", ""])
def test_a_wrong_poll_number_is_400_with_a_message(client: Client, order: Order, poll: str) -> None:
    answer = client.get(f"/order/{order.token}?poll={poll}")
    assert answer.status_code == 400
    assert "must be a number from 0 to 10" in answer.content.decode()


def test_a_paid_order_is_a_receipt(client: Client, order: Order) -> None:
    order.email = "buyer@shop.example"
    order.step(State.PAID, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    page = page_of(client, order)
    assert "Thank you for your order" in page
    assert 'data-state="paid"' in page
    assert "hx-get" not in page
    assert "buyer@shop.example" not in page


def test_an_order_in_processing_says_that_the_payment_is_on_its_way(
    client: Client, order: Order
) -> None:
    order.step(State.PROCESSING, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    assert "Your payment is on its way" in page_of(client, order)


def test_a_cancelled_order_says_that_nothing_was_charged(client: Client, order: Order) -> None:
    release(order, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    assert "nothing was charged" in page_of(client, order)


def test_htmx_gets_the_fragment_only(client: Client, order: Order) -> None:
    fragment = page_of(client, order, **HTMX)
    assert fragment.strip().startswith('<div id="order-poll"')
    assert '<section id="order-state"' in fragment
    assert "<html" not in fragment


def test_an_unchanged_state_is_neither_swapped_nor_announced(client: Client, order: Order) -> None:
    fragment = page_of(client, order, "?poll=2&state=checkout", **HTMX)
    assert "order-state" not in fragment
    assert "announcement" not in fragment
    order.step(State.PAID, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    fragment = " ".join(page_of(client, order, "?poll=3&state=checkout", **HTMX).split())
    assert 'id="order-state" class="order-state" data-state="paid" hx-swap-oob="true"' in fragment
    assert '<p id="announcement" hx-swap-oob="innerHTML"> Thank you for your order </p>' in fragment


def test_htmx_restoring_history_gets_the_whole_page(client: Client, order: Order) -> None:
    assert "<html" in page_of(client, order, **HTMX, **{"HX-History-Restore-Request": "true"})


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_varies_by_htmx_and_is_private(
    client: Client, order: Order, headers: dict[str, str]
) -> None:
    answer = client.get(f"/order/{order.token}", headers=headers)
    assert "HX-Request" in answer["Vary"]
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Referrer-Policy"] == "same-origin"


def test_takes_five_queries_besides_those_of_every_page(
    client: Client, order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    forget_shop()  # with the collections of the header; the third is about the footer
    with django_assert_num_queries(8):
        client.get(f"/order/{order.token}")


def test_unknown_token_is_404(client: Client, db: None) -> None:
    assert client.get("/order/guess").status_code == 404


def test_rejects_post(client: Client, order: Order) -> None:
    assert client.post(f"/order/{order.token}").status_code == 405


def test_a_null_byte_in_the_token_is_404(client: Client, db: None) -> None:
    assert client.get("/order/%00").status_code == 404
    assert client.get("/order/%00/return").status_code == 404


def test_a_paid_order_says_what_happens_next(client: Client, order: Order) -> None:
    order.step(State.PAID, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    Order.objects.update(needs_shipping=True, shipping_delivery_time="2–3 days")
    page = page_of(client, order)
    assert "We pack your order and send it." in page
    assert "Delivery time: 2–3 days." in page
    add_alert(order, "Paid after its hold, and the mug is sold out.")
    page = page_of(client, order)
    assert "We check your order first. If there is a problem, we write to you." in page
    assert "We pack" not in page
    resolve_alerts_of(order)
    assert "We pack your order" in page_of(client, order)
    Order.objects.update(refunded_amount=order.total_amount)
    assert "We pack" not in page_of(client, order)
    Order.objects.update(refunded_amount=0, needs_shipping=False)
    assert "Nothing is sent by post." in page_of(client, order)


def test_a_free_order_had_nothing_to_pay(client: Client, order: Order) -> None:
    Order.objects.update(total_amount=0)
    order.refresh_from_db()
    order.step(State.PAID, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    page = page_of(client, order)
    assert "We have received your order. There was nothing to pay." in page
    assert "Your payment arrived" not in page


def test_the_steps_of_a_receipt_are_in_the_order_of_time(client: Client, order: Order) -> None:
    """The payment; the parcel and the mail about it, if there is an address for it; the refund."""
    Order.objects.update(needs_shipping=True, email="ada@shop.example")
    order.refresh_from_db()
    order.step(State.PAID, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    assert steps_of(page_of(client, order)) == [
        (True, "Your payment arrived"),
        (False, "We pack your order a"),
        (False, "You get a mail when "),
    ]
    Order.objects.update(email="", refunded_amount=1)
    assert steps_of(page_of(client, order)) == [
        (True, "Your payment arrived"),
        (False, "We pack your order a"),
        (True, "We refunded $0.01. Y"),
    ]
    Order.objects.update(shipped_at=timezone.now())
    done = [is_done for is_done, _text in steps_of(page_of(client, order))]
    assert done == [True, True, True]


def steps_of(page: str) -> list[tuple[bool, str]]:
    """Whether each step is done, and how its sentence begins."""
    _before, _start, rest = page.partition('<ol class="steps"')
    steps = re.findall(r"<li( data-done)?>\s*([^<]+)", rest.partition("</ol>")[0])
    return [(bool(done), " ".join(text.split())[:20]) for done, text in steps]


def test_each_line_has_the_picture_of_its_item(client: Client, order: Order, item: Item) -> None:
    assert '<span class="no-picture" aria-hidden="true">S</span>' in page_of(client, order)
    add_picture(item)
    assert '<img src="/media/items/mug-640.webp"' in page_of(client, order)


def test_a_shipped_order_has_its_tracking(client: Client, order: Order) -> None:
    order.step(State.PAID, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    Order.objects.update(needs_shipping=True, shipped_at=timezone.now())
    page = page_of(client, order)
    assert "We sent your order on" in page
    assert "Shipped" in page
    assert "Follow the parcel" not in page
    assert "Tracking number" not in page
    url = "https://carrier.example/12"
    Order.objects.update(tracking_number="LD 12", tracking_url=url)
    page = page_of(client, order)
    assert f'<a href="{url}" rel="noopener noreferrer">Follow the parcel</a>' in page
    assert "Tracking number: LD 12." in page
    assert page.index("Tracking number") < page.index("Follow the parcel")  # a sentence each


def test_the_buyer_recognises_the_order_and_strangers_read_little(
    client: Client, order: Order
) -> None:
    order.step(State.PAID, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    Order.objects.update(email="ada@shop.example", buyer_name="Ada Byron")
    address = {"line1": "1 High Street", "postal_code": "E1 6AN", "phone": "+44 20 1234"}
    ShippingAddress.objects.create(order=order, name="Ada Byron", city="London", **address)
    page = page_of(client, order)
    for text in (order.number, "a…@shop.example", "London"):
        assert text in page
    for text in ("ada@shop.example", "Byron", *address.values()):
        assert text not in page


def test_a_paid_order_can_be_printed(client: Client, order: Order) -> None:
    assert "data-print" not in page_of(client, order)
    order.step(State.PAID, at=timezone.now(), cause=Cause(HistoryKind.EVENT))
    page = page_of(client, order)
    assert "data-print" in page
    assert "<noscript>Print this page with your browser.</noscript>" in page
