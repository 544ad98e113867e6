"""Staff see what they have to do, mark orders as shipped, write notes and print documents."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import Order, OrderLine, ShippingAddress, State
from payments.models import Invoice, Payment, PaymentState, Refund
from store.models import Item, Shop
from tests.support.alerts import add_alert
from tests.support.answers import page_of
from tests.support.presses import new_browser

LIST = "/admin/cart/order/"


@pytest.fixture
def make_order(item: Item) -> Any:
    def make(*names: str, **values: Any) -> Order:
        now = timezone.now()
        defaults = {"currency": "USD", "subtotal_amount": 3998, "total_amount": 3998}
        defaults |= {"state": State.PAID, "paid_at": now, "frozen_at": now}
        order = Order.objects.create(**(defaults | {"needs_shipping": True} | values))
        for name in names or ("Stoneware mug",):
            other = (
                item
                if name == item.name
                else Item.objects.create(name=name, price=5, currency="USD")
            )
            OrderLine.objects.create(
                order=order, item=other, name=name, quantity=2, unit_amount=1999
            )
        return order

    return make


@pytest.fixture
def order(make_order: Any) -> Order:
    made: Order = make_order(buyer_name="Ada Byron", email="ada@shop.example")
    ShippingAddress.objects.create(
        order=made,
        name="Ada Byron",
        line1="1 High Street",
        postal_code="E1 6AN",
        city="London",
        country="GB",
        phone="+44 20 1234",
    )
    return made


def row_of(page: str, order: Order) -> str:
    """The cells of the order's row in the list, without their tags."""
    rows = [row for row in page.split("<tr>") if order.number in row]
    return rows[0] if rows else ""


def listed(client: Client, *orders: Order, query: str = "") -> list[bool]:
    page = page_of(client, LIST + query)
    return [bool(row_of(page, order)) for order in orders]


def press(client: Client, order: Order, button: str = "mark", **typed: str) -> str:
    address = f"{LIST}{order.pk}/shipped/"
    answer = client.post(address, {button: "x"} | typed, follow=True)
    order.refresh_from_db()
    return answer.content.decode()


def test_the_list_filters_by_what_to_do(admin_client: Client, make_order: Any) -> None:
    to_ship, alert, waiting, done = (
        make_order(),
        make_order(),
        make_order(state=State.PROCESSING, paid_at=None),
        make_order(shipped_at=timezone.now()),
    )
    add_alert(alert, "Paid twice.")
    orders = (to_ship, alert, waiting, done)
    assert listed(admin_client, *orders, query="?todo=ship") == [True, True, False, False]
    assert listed(admin_client, *orders, query="?todo=attention") == [False, True, False, False]
    assert listed(admin_client, *orders, query="?todo=waiting") == [False, False, True, False]
    assert listed(admin_client, *orders, query="?todo=done") == [False, False, False, True]
    assert listed(admin_client, *orders, query="?todo=other") == [True] * 4
    page = page_of(admin_client, LIST)
    for text in ("To ship (2)", "Needs attention (1)", "Waiting for money (1)", "Done (1)"):
        assert text in page


def test_the_list_begins_with_what_has_to_be_done(admin_client: Client, make_order: Any) -> None:
    alert, to_ship, done = (
        make_order(needs_shipping=False),
        make_order(),
        make_order(shipped_at=timezone.now()),
    )
    add_alert(alert, "Paid twice.")
    page = page_of(admin_client, LIST)
    places = [page.index(row_of(page, order)) for order in (alert, to_ship, done)]
    assert places == sorted(places)


def test_a_row_says_who_bought_what_and_how_it_is(admin_client: Client, make_order: Any) -> None:
    order = make_order("Stoneware mug", "Towel", "Pot", "Pan", "Lid", email="a@shop.example")
    order.lines.filter(name="Towel").update(quantity=1)
    row = row_of(page_of(admin_client, LIST), order)
    for text in (
        "2 × Stoneware mug, Towel, 2 × Pot, 2 more",
        "$39.98",
        "a@shop.example",
        "to ship",
    ):
        assert f">{text}</td>" in row
    Order.objects.update(buyer_name="Ada Byron", shipped_at=timezone.now(), refunded_amount=998)
    row = row_of(page_of(admin_client, LIST), order)
    for text in ("Ada Byron", "shipped", "$39.98, $9.98 refunded"):
        assert f">{text}</td>" in row
    Order.objects.update(refunded_amount=3998)
    assert ">refunded</td>" in row_of(page_of(admin_client, LIST), order)
    Order.objects.update(needs_shipping=False, refunded_amount=0, shipped_at=None)
    assert ">paid</td>" in row_of(page_of(admin_client, LIST), order)


def test_the_search_finds_what_staff_know(
    admin_client: Client, order: Order, make_order: Any
) -> None:
    other = make_order("Teaspoon")
    Invoice.objects.issue(order, livemode=True)
    spoken = order.number.replace("-", "").lower()
    receipt = f"https://shop.example/order/{order.token}"
    for words in (
        *(order.number, spoken, spoken[:4] + " " + spoken[4:], "ada@", "byron", "stoneware"),
        *(receipt, f"{receipt}/return?x=1", order.token, "INV-1001", f" {receipt} "),
    ):
        assert listed(admin_client, order, other, query=f"?q={words}") == [True, False], words
    assert listed(admin_client, order, other, query="?q=teaspoon") == [False, True]


def test_the_list_takes_a_constant_number_of_queries(admin_client: Client, make_order: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(admin_client, LIST)
        return len(captured)

    make_order()
    few = queries()
    for _ in range(5):
        make_order("Towel", "Pot")
    assert queries() == few


def test_the_page_shows_lines_address_and_buttons(admin_client: Client, order: Order) -> None:
    Order.objects.update(shipping_rate_name="Parcel", shipping_amount=490)
    page = page_of(admin_client, f"{LIST}{order.pk}/change/")
    for text in ("Stoneware mug", "1 High Street", "E1 6AN London", "United Kingdom", "Parcel"):
        assert text in page
    for text in ("Mark as shipped…", "Print…", "+44 20 1234", "$4.90"):
        assert text in page
    assert page.count("<details>") >= 4  # details, payments, alerts, history


@pytest.mark.parametrize("country", ["", "DE"])
def test_the_page_says_that_the_address_is_missing(
    admin_client: Client, make_order: Any, country: str
) -> None:
    order = make_order(shipping_country=country)
    page = page_of(admin_client, f"{LIST}{order.pk}/change/")
    assert "Stripe has given us no address." in page
    assert ("Germany." in page) == bool(country)
    Order.objects.update(needs_shipping=False)
    page = page_of(admin_client, f"{LIST}{order.pk}/change/")
    assert "Nothing has to be sent." in page
    assert "Mark as shipped…" not in page


def test_staff_mark_correct_and_take_back(admin_client: Client, order: Order) -> None:
    form = page_of(admin_client, f"{LIST}{order.pk}/shipped/")
    assert "Send the buyer a mail" in form
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
    order.refresh_from_db()
    assert order.shipped_at is None


def test_an_order_that_is_not_paid_is_refused(admin_client: Client, make_order: Any) -> None:
    order = make_order(state=State.CHECKOUT, paid_at=None)
    assert "Not marked as shipped: not paid." in press(admin_client, order)


def test_several_are_marked_at_once(
    admin_client: Client, order: Order, make_order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [
        make_order(state=State.CHECKOUT, paid_at=None),
        make_order(needs_shipping=False),
        make_order(shipped_at=timezone.now()),
        make_order(refunded_amount=3998),
    ]
    chosen = {
        "action": "mark_as_shipped",
        "_selected_action": [each.pk for each in [order, *others]],
    }
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    order.refresh_from_db()
    assert order.shipped_at
    assert "Marked as shipped: 1." in page
    reasons = ("not paid", "nothing has to be sent", "shipped already", "refunded")
    for other, reason in zip(others, reasons, strict=True):
        assert f"{other} ({reason})" in page


def test_notes_are_kept_with_their_writer(admin_client: Client, order: Order) -> None:
    address = f"{LIST}{order.pk}/notes/"
    page = admin_client.post(address, {"text": "Gift <wrap>\nit"}, follow=True).content.decode()
    assert "Gift &lt;wrap&gt;<br>it" in page
    assert order.staff_notes.get().written_by == "admin"
    page = admin_client.post(address, {"text": " "}, follow=True).content.decode()
    assert "This field is required." in page
    assert order.staff_notes.count() == 1


def test_the_permission_to_view_changes_nothing(client: Client, order: Order) -> None:
    packer = User.objects.create_user("packer", is_staff=True)
    packer.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(packer)
    page = page_of(client, f"{LIST}{order.pk}/change/")
    assert "Mark as shipped…" not in page
    assert "New note" not in page
    assert client.get(f"{LIST}{order.pk}/shipped/").status_code == 403
    assert client.post(f"{LIST}{order.pk}/notes/", {"text": "x"}).status_code == 403
    assert "Packing slip" in page_of(
        client, f"{LIST}print/?orders={order.pk}&document=packing-slips"
    )
    packer.user_permissions.clear()
    assert client.get(f"{LIST}print/?orders=1&document=invoices").status_code == 403


def test_packing_slips_of_several_orders(
    admin_client: Client, order: Order, make_order: Any
) -> None:
    Shop.objects.create(pk=1, name="Bell & Mug")
    other = make_order("Stoneware mug", "Download", buyer_name="Ben", language="ru")
    Item.objects.filter(name="Download").update(needs_shipping=False)
    digital = make_order("Download file", needs_shipping=False)
    Item.objects.filter(name="Download file").update(needs_shipping=False)
    refund_pieces(order, 1)
    orders = [order.pk, other.pk, digital.pk]
    chosen = {"action": "print_orders", "_selected_action": orders}
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    slips = page.split("<article")[1:]
    assert len(slips) == 3
    for text in ("Bell &amp; Mug", order.number, "1 High Street", '<td class="number">1</td>'):
        assert text in slips[0]
    assert "Упаковочный лист" in slips[1]
    assert "Download" not in slips[1]
    assert "Nothing has to be sent." in slips[2]
    assert "$" not in page


def refund_pieces(order: Order, quantity: int, amount: int = 1999) -> Refund:
    values: dict[str, Any] = {"account": "default", "livemode": True, "amount": 3998}
    values |= {"state": PaymentState.SUCCEEDED, "expires_at": timezone.now()}
    payment = Payment.objects.create(order=order, currency=order.currency, **values)
    refund = Refund.objects.create(
        payment=payment, amount=amount, state="succeeded", stripe_id="re_1"
    )
    line = order.lines.get()
    refund.lines.create(line=line, quantity=quantity, proposed_amount=amount)
    return refund


@pytest.mark.parametrize("query", ["", "?orders=x&document=invoices", "?orders=1&document=other"])
def test_a_wrong_address_of_documents_is_404(admin_client: Client, query: str) -> None:
    assert admin_client.get(f"{LIST}print/{query}").status_code == 404
