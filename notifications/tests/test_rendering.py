"""What mails say: plain text and HTML from one source, in the reader's language."""

from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from cart.models import Order, OrderTax, ShippingAddress
from notifications.models import Mail, MailReason
from notifications.rendering import NoStaffAddress, Text, escape, render, staff_address
from payments.alerts import Alert, raise_alert
from payments.models import Payment, Refund
from store.markdown import to_html
from store.models import Shop
from tests.support.mails import paid_order
from tests.support.shop_row import edit_shop

EVIL = '*[x](http://evil.example)* <b>&amp; `code` # 1. "q" ![p](http://evil.example/p.png)'


def text_of(order: Order | None, reason: MailReason, reference: str = "", **values: Any) -> Text:
    mail = Mail(order=order, reason=reason, reference=reference, to="buyer@mail.example", **values)
    return render(mail, Shop.current())


@pytest.fixture
def order(make_item: Any) -> Order:
    """With a discount, shipping, two taxes and an address."""
    order = paid_order(
        make_item(name="Mug"),
        subtotal_amount=3998,
        discount_amount=400,
        discount_code="TEN",
        shipping_rate_name="Parcel",
        shipping_amount=490,
        total_amount=4906,
        needs_shipping=True,
        shipping_delivery_time="2–3 days",
    )
    tax = {"order": order, "percentage": Decimal(20), "is_inclusive": False}
    OrderTax.objects.create(**tax, display_name="VAT", amount=818)
    OrderTax.objects.create(
        **tax | {"is_inclusive": True, "percentage": 5}, display_name="Levy", amount=51
    )
    ShippingAddress.objects.create(
        order=order,
        name="Ada Lovelace",
        phone="+49 30 1234",
        line1="Lange Straße 5",
        postal_code="10115",
        city="Berlin",
        country="DE",
    )
    return order


SHIPPING = {"shipping_amount": 490}


def payment_of(order: Order, **values: Any) -> Payment:
    fields: dict[str, Any] = {"kind": "intent", "account": "default", "livemode": False}
    fields |= {"attempt": 1, "amount": order.total_amount, "currency": order.currency}
    return Payment.objects.create(order=order, expires_at=timezone.now(), **(fields | values))


def test_a_confirmation_says_everything_that_was_bought(order: Order) -> None:
    text = text_of(order, MailReason.ORDER_CONFIRMED)
    assert text.subject == f"Thank you for your order {order.number}"
    for expected in [
        "- 2 × Mug: $39.98\n",
        "\nSubtotal: $39.98\nDiscount TEN: −$4.00\nShipping (Parcel): $4.90\n"
        "VAT 20 %: $8.18\nLevy 5 % (included): $0.51\nTotal: $49.06\n",
        "We pack your order and send it.\nDelivery time: 2–3 days\n",
        "\nAda Lovelace\nLange Straße 5\n10115 Berlin\nGermany\n",
        f"\n<http://testserver/order/{order.token}>\n",
        "\nClay & Co\nhello@clay.example\n",
    ]:
        assert expected in text.plain
    assert "+49" not in text.plain
    assert "\n\n\n" not in text.plain


def test_a_confirmation_that_is_sent_late_says_what_happens_now(order: Order) -> None:
    """As the receipt does, after a mail server was down."""
    alert = order.alerts.create(message="-", reason="sold_out", raised_at=timezone.now())
    text = text_of(order, MailReason.ORDER_CONFIRMED)
    assert "We check your order first. If there is a problem, we write to you.\n" in text.plain
    assert "We pack" not in text.plain
    order.alerts.filter(pk=alert.pk).update(resolved_at=timezone.now())
    assert "We pack your order" in text_of(order, MailReason.ORDER_CONFIRMED).plain
    order.refunded_amount = order.total_amount
    text = text_of(order, MailReason.ORDER_CONFIRMED)
    assert "We refunded $49.06. Your bank may need a few days to show it.\n" in text.plain
    assert "We pack" not in text.plain
    order.shipped_at = datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert (
        "We sent your order on Nov. 29, 2026.\n" in text_of(order, MailReason.ORDER_CONFIRMED).plain
    )


def test_html_has_the_same_and_nothing_that_is_loaded(order: Order) -> None:
    text = text_of(order, MailReason.ORDER_CONFIRMED)
    assert "<li>2 × Mug: $39.98</li>" in text.html
    assert "Ada Lovelace<br>\nLange Straße 5<br>\n10115 Berlin<br>\nGermany</p>" in text.html
    assert "VAT 20 %: $8.18<br>" in text.html
    link = f"http://testserver/order/{order.token}"
    assert f'<a href="{link}" rel="noopener">{link}</a>' in text.html
    assert "Clay &amp; Co<br>" in text.html
    for loaded in ("<img", "<link", "src=", "url(", "@import", "<script"):
        assert loaded not in text.html
    assert 'lang="en"' in text.html


def test_a_line_of_an_address_may_begin_with_a_number_sign(order: Order) -> None:
    ShippingAddress.objects.update(line2="# 4B")
    text = text_of(order, MailReason.ORDER_CONFIRMED)
    assert "\n# 4B\n" in text.plain
    assert "<br>\n# 4B<br>" in text.html


def test_an_order_without_extras(item: Any) -> None:
    text = text_of(paid_order(item), MailReason.ORDER_CONFIRMED)
    assert "Nothing is sent by post." in text.plain
    assert "\nSubtotal: $39.98\nTotal: $39.98\n" in text.plain
    assert "Shipping address" not in text.plain


def test_a_free_order_had_nothing_to_pay(item: Any) -> None:
    order = paid_order(item)
    assert "Your payment of $39.98 has arrived." in text_of(order, MailReason.ORDER_CONFIRMED).plain
    Order.objects.update(total_amount=0)
    order.refresh_from_db()
    text = text_of(order, MailReason.ORDER_CONFIRMED)
    assert "We have received your order. There was nothing to pay." in text.plain
    assert "payment" not in text.plain


@pytest.mark.parametrize("reason", MailReason)
def test_texts_of_buyers_and_of_the_merchant_are_shown_as_they_are(
    make_item: Any, reason: MailReason
) -> None:
    item = make_item(name=EVIL, stock=1)
    order = paid_order(
        item,
        discount_code=EVIL[:40],
        discount_amount=1,
        shipping_rate_name=EVIL,
        tracking_number=EVIL[:99],
        tracking_url="https://post.example/?a=1&b=_2_",
    )
    ShippingAddress.objects.create(order=order, name=EVIL, city="- one\n# two")
    edit_shop(name=EVIL[:80], postal_address=f"{EVIL}\n1. Street")
    alert = order.alerts.create(message=EVIL, reason="paid_twice", raised_at=timezone.now())
    text = text_of(order, reason, str(alert.pk), item=item)
    assert EVIL[:60] in text.plain
    assert EVIL[:60] in unescape(text.html)
    assert 'href="http://evil' not in text.html
    for tag in ("<img", "<b>", "<em>", "<code>", "<h1"):
        assert tag not in text.html
    assert "\n" not in text.subject


@pytest.mark.parametrize(
    "text",
    [EVIL, "    indented", "1. one", "- a", "+ b", "> c", "# d", "a\\*b", "&copy; ~~x~~", "|a|b|"],
)
def test_an_escaped_text_reads_as_it_was_written(text: str) -> None:
    shown = str(to_html(escape(" ".join(text.split()))))
    assert unescape(shown) == f"<p>{' '.join(text.split())}</p>\n"


def test_a_buyer_reads_the_language_of_the_order_and_staff_the_shops(order: Order) -> None:
    order.language = "ru"
    to_buyer = text_of(order, MailReason.ORDER_CONFIRMED)
    assert order.number in to_buyer.subject
    assert "Итого: 49,06" in to_buyer.plain
    assert "\nГермания\n" in to_buyer.plain
    assert 'lang="ru"' in to_buyer.html
    assert text_of(order, MailReason.NEW_ORDER).subject == f"New order {order.number}: $49.06"


def test_staff_read_alerts_and_mails_in_russian_if_that_is_the_shops(
    order: Order, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "ru"
    order.language = "en"
    payment = payment_of(order, stripe_id="pi_1")
    at, reference = timezone.now(), payment.stripe_id
    raise_alert(order, Alert.PAID_TWICE, reference=reference, at=at, payment=reference)
    text = text_of(order, MailReason.NEEDS_ATTENTION, str(order.alerts.get().pk))
    assert text.subject == f"Заказ {order.number} требует внимания"
    assert "Заказ оплачен второй раз" in text.plain
    assert text_of(order, MailReason.ORDER_CONFIRMED).subject.startswith("Thank you")


@pytest.mark.parametrize("is_awaited", [False, True])
def test_a_payment_on_its_way(order: Order, is_awaited: bool) -> None:
    payment_of(order, state="processing", awaits_buyer=is_awaited)
    text = text_of(order, MailReason.PAYMENT_PROCESSING)
    expected = (
        "We are waiting for your payment of order" if is_awaited else "Your payment for order"
    )
    assert text.subject.startswith(expected)
    assert ("how to pay" in text.plain) == is_awaited
    assert text.plain.count(f"/order/{order.token}") == 1


@pytest.mark.parametrize("is_payable", [False, True])
def test_a_failed_payment(order: Order, is_payable: bool) -> None:
    payment_of(order, state="failed", awaits_buyer=is_payable)
    text = text_of(order, MailReason.PAYMENT_FAILED)
    assert text.subject == f"The payment for order {order.number} failed"
    assert ("Don’t make the transfer any more" in text.plain) == is_payable
    assert ("nothing was charged" in text.plain) != is_payable


def test_a_shipped_order(order: Order) -> None:
    order.tracking_number, order.tracking_url = "1Z 9", "https://post.example/1Z<9>"
    text = text_of(order, MailReason.SHIPPED)
    assert "Tracking number: 1Z 9\n" in text.plain
    assert "<https://post.example/1Z%3C9%3E>" in text.plain
    assert 'href="https://post.example/1Z%3C9%3E"' in text.html
    assert "- 2 × Mug\n" in text.plain
    order.tracking_number = order.tracking_url = order.shipping_delivery_time = ""
    assert "racking" not in text_of(order, MailReason.SHIPPED).plain


def test_a_shipped_order_names_what_is_in_the_parcel(order: Order, make_item: Any) -> None:
    song = make_item(name="Song", needs_shipping=False)
    order.lines.create(item=song, quantity=1, name="Song", unit_amount=100)
    refund = Refund.objects.create(
        payment=payment_of(order, state="succeeded"), stripe_id="re_1", amount=1999, state="pending"
    )
    refund.lines.create(line=order.lines.get(name="Mug"), quantity=1, proposed_amount=1999)
    text = text_of(order, MailReason.SHIPPED)
    assert "- 1 × Mug\n" in text.plain
    assert "Song" not in text.plain


def test_a_refund_names_its_amount_and_its_pieces(order: Order) -> None:
    payment = payment_of(order, state="succeeded")
    refund = Refund.objects.create(
        payment=payment, stripe_id="re_1", amount=1999, state="pending", **SHIPPING
    )
    refund.lines.create(line=order.lines.get(), quantity=1, proposed_amount=1999)
    text = text_of(order, MailReason.REFUNDED, "re_1")
    assert text.subject == f"We refunded $19.99 of order {order.number}"
    assert "- 1 × Mug\n- Shipping\n" in text.plain
    Refund.objects.all().delete()
    assert text_of(order, MailReason.REFUNDED, "re_1").subject.endswith(order.number)


def test_staff_read_what_to_do_and_where(order: Order) -> None:
    raise_alert(order, Alert.PAID_TWICE, reference="pi_1", at=timezone.now(), payment="pi_1")
    reference = str(order.alerts.get().pk)
    link = f"<http://testserver/admin/cart/order/{order.pk}/change/>"
    for reason in (MailReason.NEEDS_ATTENTION, MailReason.DISPUTE):
        text = text_of(order, reason, reference)
        assert order.number in text.subject
        assert "paid a second time, by pi_1." in text.plain
        assert link in text.plain
    text = text_of(order, MailReason.NEW_ORDER)
    assert link in text.plain
    assert "Buyer: buyer@mail.example\n" in text.plain
    assert "Berlin" in text.plain


@pytest.mark.parametrize(("stock", "expected"), [(2, "2 are left"), (0, "The last piece is sold")])
def test_low_stock(make_item: Any, stock: int, expected: str) -> None:
    item = make_item(name="Vase", stock=stock)
    text = text_of(None, MailReason.LOW_STOCK, item=item)
    assert text.subject == "Low stock: Vase"
    assert expected in text.plain
    assert f"<http://testserver/admin/store/item/{item.pk}/change/>" in text.plain


def test_mails_to_staff_go_to_their_address_or_to_the_first_superuser(
    django_user_model: Any, shop: Shop
) -> None:
    shop.staff_email = "orders@clay.example"
    assert staff_address(shop) == "orders@clay.example"
    shop.staff_email = ""
    assert staff_address(shop) == "hello@clay.example"
    shop.email = ""
    with pytest.raises(NoStaffAddress):
        staff_address(shop)
    django_user_model.objects.create_superuser("no-mail")
    django_user_model.objects.create_superuser("ada", "ada@clay.example")
    assert staff_address(shop) == "ada@clay.example"
