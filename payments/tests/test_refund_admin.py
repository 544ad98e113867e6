"""Staff in the admin: refunds, what needs attention, and the history of an order."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from cart.models import Order
from payments.models import Payment, Refund
from store.models import Item
from tests.support.alerts import add_alert, alert_messages
from tests.support.answers import NOWHERE
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid
from tests.support.refund_form import address, wish


@pytest.fixture
def payment(make_item: Any, local_stripe: LocalStripe) -> Payment:
    return paid(make_item(stock=1), local_stripe)


def test_the_orders_page_leads_to_the_refund_and_shows_it(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    assert address(payment) in admin_client.get(order_page).content.decode()
    form = admin_client.get(address(payment)).content.decode()
    assert "$19.99 was paid; $19.99 of it can be given back" in form
    answer = admin_client.post(address(payment), wish(admin_client, payment), follow=True)
    page = answer.content.decode()
    assert "$5.00 was refunded." in page
    assert (
        f"$5.00: succeeded, requested by the buyer, admin {Refund.objects.get().stripe_id}" in page
    )
    assert "open → succeeded (reconciler)" in page
    refund = Refund.objects.get()
    assert f"{Refund.objects.get().idempotency_key}: $5.00" in page
    assert refund.stripe_id in page
    assert "$5.00: succeeded" in page
    assert Order.objects.get().refunded_amount == 500
    orders = admin_client.get("/admin/cart/order/").content.decode()
    assert '<td class="field-refunded">$5.00</td>' in orders


def test_the_refund_page_leads_back_without_a_refund(
    admin_client: Client, payment: Payment
) -> None:
    page = admin_client.get(address(payment)).content.decode()
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    assert f'<a class="closelink" href="{order_page}">Cancel</a>' in page


def test_a_double_click_is_one_refund(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    sent = wish(admin_client, payment)
    for _ in range(2):
        assert admin_client.post(address(payment), sent).status_code == 302
    assert len(local_stripe.refunds()) == 1


def test_the_pieces_go_back_when_the_box_is_ticked(admin_client: Client, payment: Payment) -> None:
    admin_client.post(address(payment), wish(admin_client, payment, restock="on"))
    assert Item.objects.get().stock == 1


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("20.00", "At most $19.99 can be refunded."),
        ("0", "must be more than zero"),
        ("-1", "must be more than zero"),
        ("1.005", "USD has 2 decimals; this amount has more."),
        ("much", "Enter a number."),
    ],
)
def test_a_wrong_amount_is_said_beside_the_field(
    admin_client: Client, payment: Payment, amount: str, sentence: str
) -> None:
    answer = admin_client.post(address(payment), wish(admin_client, payment, amount=amount))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Refund.objects.exists()


def test_an_outage_keeps_the_wish_and_says_so(
    admin_client: Client, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = wish(admin_client, payment)
    monkeypatch.setattr("stripe.api_base", NOWHERE)
    monkeypatch.setattr("stripe.max_network_retries", 0)
    page = admin_client.post(address(payment), sent, follow=True).content.decode()
    assert "written down and is asked for again" in page
    assert Refund.objects.get().state == "requested"


def test_a_refusal_is_shown(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    sent = wish(admin_client, payment)
    local_stripe.fail(path="/v1/refunds", status=400)
    page = admin_client.post(address(payment), sent, follow=True).content.decode()
    assert "Stripe refused the refund" in page


def test_what_is_given_back_whole_can_not_be_given_back_again(
    admin_client: Client, payment: Payment, local_stripe: LocalStripe
) -> None:
    admin_client.post(address(payment), wish(admin_client, payment, amount="19.99"))
    assert "can be given back any more" in admin_client.get(address(payment)).content.decode()
    order_page = admin_client.get(f"/admin/cart/order/{payment.order_id}/change/")
    assert address(payment) not in order_page.content.decode()


def test_only_staff_that_may_refund_can(client: Client, payment: Payment) -> None:
    assert client.get(address(payment)).status_code == 302  # to the login
    client.force_login(User.objects.create_user("packer", is_staff=True))
    assert client.get(address(payment)).status_code == 403


def test_orders_that_need_attention_come_first_until_staff_dealt_with_them(
    admin_client: Client, payment: Payment, item: Item, local_stripe: LocalStripe
) -> None:
    old = payment.order
    new = paid(item, local_stripe).order
    add_alert(old, "Paid twice. Refund one.")
    page = admin_client.get("/admin/cart/order/").content.decode()
    assert page.index(old.number) < page.index(new.number)
    assert "Paid twice. Refund one." in page
    filtered = admin_client.get("/admin/cart/order/?attention=yes").content.decode()
    assert old.number in filtered
    assert new.number not in filtered
    chosen = {"action": "mark_as_dealt_with", "_selected_action": [old.pk, new.pk]}
    admin_client.post("/admin/cart/order/", chosen)
    old.refresh_from_db()
    assert alert_messages(old) == ""
    assert old.alerts.get().resolved_by == "admin"
    page = admin_client.get("/admin/cart/order/").content.decode()
    assert page.index(new.number) < page.index(old.number)


def test_staff_deal_with_an_order_on_its_own_page_too(
    admin_client: Client, payment: Payment
) -> None:
    add_alert(payment.order, "Paid twice. Refund one.")
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    chosen = {"_selected_action": [payment.order_id], "index": "0"}
    chosen["CHANGE_FORM-action"] = "mark_as_dealt_with"
    chosen["CHANGE_FORM-select_across"] = "0"
    said = [admin_client.post(order_page, chosen, follow=True).content.decode() for _ in range(2)]
    assert ["Marked as dealt with." in page for page in said] == [True, False]
    order = Order.objects.get()
    assert alert_messages(order) == ""
    assert order.alerts.get().resolved_by == "admin"


def test_what_came_up_since_the_page_was_opened_is_not_marked(
    admin_client: Client, payment: Payment
) -> None:
    add_alert(payment.order, "Paid twice. Refund one.")
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    page = admin_client.get(order_page).content.decode()
    shown = payment.order.alerts.get().pk
    assert f'name="alerts" value="{shown}' in page
    add_alert(payment.order, "The bank disputes it.")
    chosen = {
        "_selected_action": [payment.order_id],
        "index": "0",
        "alerts": f"{shown} ",
    }
    chosen["CHANGE_FORM-action"] = "mark_as_dealt_with"
    chosen["CHANGE_FORM-select_across"] = "0"
    said = admin_client.post(order_page, chosen, follow=True).content.decode()
    assert "There is something new to look at." in said
    assert "The bank disputes it." in alert_messages(Order.objects.get())


def test_who_may_only_look_deals_with_nothing(client: Client, payment: Payment) -> None:
    add_alert(payment.order, "Paid twice. Refund one.")
    packer = User.objects.create_user("packer", is_staff=True)
    packer.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(packer)
    order_page = f"/admin/cart/order/{payment.order_id}/change/"
    assert "mark_as_dealt_with" not in client.get(order_page).content.decode()
    client.post(order_page, {"CHANGE_FORM-action": "mark_as_dealt_with", "_selected_action": "1"})
    assert alert_messages(Order.objects.get())
