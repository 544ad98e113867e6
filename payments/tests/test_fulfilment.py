"""Staff see what they have to do, mark orders as shipped, write notes and print documents."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cart.models import Order, OrderLine, ShippingAddress, State
from cart.signals import order_shipped_in_transaction
from payments.models import Invoice, Payment, PaymentState, Refund
from store.models import Item, Shop
from tests.support.alerts import add_alert, resolve_alerts_of
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


def test_the_search_finds_names_in_any_case(admin_client: Client, make_order: Any) -> None:
    order = make_order("Кружка (большая)", buyer_name="Иванова Анна")
    ShippingAddress.objects.create(order=order, name="Пётр О’Нил")
    other = make_order(buyer_name="Петров", email="p@shop.example")
    for words in (
        "иванова",
        "анна ИВАНОВА",
        "кружка",
        "(БОЛЬШАЯ)",
        "пётр",
        "о’нил",
        "ивАнова круж",
    ):
        assert listed(admin_client, order, other, query=f"?q={words}") == [True, False], words
    assert listed(admin_client, order, other, query="?q=.ванова") == [False, False]


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
    for text in ("Stoneware mug", "1 High Street", "London<br>E1 6AN<br>United Kingdom", "Parcel"):
        assert text in page
    for text in ("Mark as shipped…", "Print…", "+44 20 1234", "$4.90"):
        assert text in page
    assert page.count("<details>") >= 4  # details, payments, alerts, history


@pytest.mark.parametrize("country", ["", "DE"])
def test_the_page_says_that_the_address_is_missing(
    admin_client: Client, make_order: Any, country: str
) -> None:
    order = make_order(shipping_country=country)
    not_paid = make_order(state=State.CHECKOUT, paid_at=None)
    page = page_of(admin_client, f"{LIST}{not_paid.pk}/change/")
    assert "Stripe has given us no address." not in page
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


def test_several_are_marked_at_once(admin_client: Client, order: Order, make_order: Any) -> None:
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
    asked = admin_client.post(LIST, chosen).content.decode()
    assert "their buyers get a mail" in asked
    assert asked.count("not marked: ") == len(others)
    order.refresh_from_db()
    assert order.shipped_at is None
    chosen["is_confirmed"] = "yes"
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
    note = order.staff_notes.get()
    assert (note.written_by, str(note)) == ("admin", "Gift <wrap>\nit")
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
    other = make_order("Stoneware mug", "Download", buyer_name="Ben")
    Item.objects.filter(name="Download").update(needs_shipping=False)
    digital = make_order("Download file", needs_shipping=False)
    Item.objects.filter(name="Download file").update(needs_shipping=False)
    refund_pieces(order, 1)
    orders = [order.pk, other.pk, digital.pk]
    chosen = {"action": "print_orders", "_selected_action": orders}
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    slips = page.split("<article")[1:]
    assert len(slips) == 2
    address = "1 High Street<br>London<br>E1 6AN<br>United Kingdom"
    for text in ("Bell &amp; Mug", order.number, address, '<td class="number">1</td>'):
        assert text in slips[0]
    assert "Download" not in slips[1]
    assert f"Order {digital.number} has no packing slip: nothing has to be sent." in slips[1]
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


@pytest.mark.parametrize(
    "query",
    [
        *("", "?orders=x&document=invoices", "?orders=1&document=other"),
        *(f"?orders={'9' * digits}&document=invoices" for digits in (23, 5000)),
    ],
    ids=["nothing", "no id", "no document", "large id", "larger id"],
)
def test_a_wrong_address_of_documents_is_404(admin_client: Client, query: str) -> None:
    assert admin_client.get(f"{LIST}print/{query}").status_code == 404


def test_a_packing_slip_is_in_the_language_of_staff(admin_client: Client, order: Order) -> None:
    address = f"{LIST}print/?orders={order.pk}&document=packing-slips"
    Order.objects.update(language="ru")
    assert "Packing slip" in (page := page_of(admin_client, address))
    assert "United Kingdom" in page
    Order.objects.update(language="en")
    page = admin_client.get(address, headers={"Accept-Language": "ru"}).content.decode()
    for text in ("Упаковочный лист", "<h2>Получатель</h2>", "Великобритания"):
        assert text in page
    assert "Страна доставки" not in page


def test_orders_with_an_alert_are_not_marked_together(
    admin_client: Client, order: Order, make_order: Any
) -> None:
    dealt_with = make_order()
    add_alert(order, "Check it before you deliver it.")
    add_alert(dealt_with, "Paid twice.")
    resolve_alerts_of(dealt_with)
    chosen: dict[str, Any] = {"action": "mark_as_shipped", "is_confirmed": "yes"}
    chosen["_selected_action"] = [order.pk, dealt_with.pk]
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    assert "Marked as shipped: 1." in page
    assert f"Not marked as shipped: {order} (needs attention)." in page
    order.refresh_from_db()
    assert order.shipped_at is None


def test_nothing_is_asked_where_no_order_can_be_marked(
    admin_client: Client, order: Order, make_order: Any
) -> None:
    not_paid = make_order(state=State.CHECKOUT, paid_at=None)
    chosen: dict[str, Any] = {"action": "mark_as_shipped", "_selected_action": [not_paid.pk]}
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    assert f"Not marked as shipped: {not_paid} (not paid)." in page
    assert "Marked as shipped: " not in page
    chosen |= {"_selected_action": [order.pk], "is_confirmed": "yes"}
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    assert "Marked as shipped: 1." in page
    assert "Not marked as shipped" not in page


def test_an_order_that_somebody_else_marks_meanwhile_is_not_marked_again(
    admin_client: Client, order: Order, make_order: Any
) -> None:
    other = make_order()

    def mark_the_other(order: Order, **_: Any) -> None:
        rest = Order.objects.filter(shipped_at=None).exclude(pk=order.pk)
        rest.update(shipped_at=timezone.now())

    chosen: dict[str, Any] = {"action": "mark_as_shipped", "is_confirmed": "yes"}
    chosen["_selected_action"] = [order.pk, other.pk]
    order_shipped_in_transaction.connect(mark_the_other)
    try:
        page = admin_client.post(LIST, chosen, follow=True).content.decode()
    finally:
        order_shipped_in_transaction.disconnect(mark_the_other)
    assert "Marked as shipped: 1." in page
    assert "(shipped already)." in page


def test_the_form_and_the_slip_of_an_order_show_its_alerts(
    admin_client: Client, order: Order
) -> None:
    form, slip = f"{LIST}{order.pk}/shipped/", f"{LIST}print/?orders={order.pk}&document="
    add_alert(order, "Check it before you deliver it.")
    page = page_of(admin_client, form)
    assert page.index("Check it before you deliver it.") < page.index('name="mark"')
    assert "Needs attention" in page_of(admin_client, slip + "packing-slips")
    assert "Needs attention" not in page_of(admin_client, slip + "invoices")
    resolve_alerts_of(order)
    assert "Check it" not in page_of(admin_client, form)
    assert "Needs attention" not in page_of(admin_client, slip + "packing-slips")
    assert "The order is marked as shipped." in press(admin_client, order)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"state": State.CHECKOUT, "paid_at": None}, "not paid"),
        ({"state": State.CANCELLED, "paid_at": None}, "not paid"),
        ({"refunded_amount": 3998}, "refunded"),
        ({"needs_shipping": False}, "nothing has to be sent"),
        ({"shipped_at": "2026-01-01T00:00Z", "refunded_amount": 3998}, ""),
    ],
    ids=["checkout", "cancelled", "refunded", "digital", "shipped"],
)
def test_only_orders_to_send_have_a_packing_slip(
    admin_client: Client, make_order: Any, values: dict[str, Any], why: str
) -> None:
    order = make_order(**values)
    page = page_of(admin_client, f"{LIST}print/?orders={order.pk}&document=packing-slips")
    assert ("<article" in page) == (not why)
    assert (f"Order {order.number} has no packing slip: {why}." in page) == bool(why)


def test_a_refunded_order_is_not_shipped(admin_client: Client, order: Order) -> None:
    Order.objects.update(refunded_amount=3998)
    assert "Mark as shipped…" not in page_of(admin_client, f"{LIST}{order.pk}/change/")
    assert "Not marked as shipped: refunded." in press(admin_client, order)
    assert order.shipped_at is None


def test_alerts_stand_above_the_buttons_of_an_order(admin_client: Client, order: Order) -> None:
    add_alert(order, "Check it before you deliver it.")
    page = page_of(admin_client, f"{LIST}{order.pk}/change/")
    places = [page.index(text) for text in ("Check it", "Mark as dealt with", "Mark as shipped…")]
    assert places == sorted(places)


def test_too_many_orders_are_not_printed(admin_client: Client, db: None) -> None:
    made = Order.objects.bulk_create([Order(currency="USD") for _ in range(201)])
    chosen = {"action": "print_orders", "_selected_action": [order.pk for order in made]}
    page = admin_client.post(LIST + "?state=cart", chosen, follow=True).content.decode()
    assert "At most 200 orders can be printed at once." in page
    chosen["_selected_action"] = [order.pk for order in made[:200]]
    assert admin_client.post(LIST + "?state=cart", chosen)["Location"].count("%2C") == 199
