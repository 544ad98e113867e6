"""Staff print packing slips and invoices."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from payments.models import Payment, PaymentState, Refund
from store.models import Item, Shop
from tests.support.answers import page_of
from tests.support.fulfilment import LIST


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


def test_too_many_orders_are_not_printed(admin_client: Client, db: None) -> None:
    made = Order.objects.bulk_create([Order(currency="USD") for _ in range(201)])
    chosen = {"action": "print_orders", "_selected_action": [order.pk for order in made]}
    page = admin_client.post(LIST + "?state=cart", chosen, follow=True).content.decode()
    assert "This works with at most 200 orders at once." in page
    chosen["_selected_action"] = [order.pk for order in made[:200]]
    assert admin_client.post(LIST + "?state=cart", chosen)["Location"].count("%2C") == 199
