"""/order/find: the link goes to the order's own address, and the answer never says if it did."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.models import Order, State
from notifications.models import Mail
from tests.support.answers import page_of
from tests.support.mails import paid_order
from tests.support.presses import new_browser

ADDRESS = "buyer@mail.example"


@pytest.fixture
def order(item: Any) -> Order:
    return paid_order(item, email=ADDRESS, number="7K3F-9QXM")


def ask(number: str, email: str = ADDRESS) -> Any:
    return new_browser().post("/order/find", {"number": number, "email": email})


@pytest.mark.parametrize(
    "typed", ["7K3F-9QXM", "7k3f9qxm", " 7K3F 9qxm ", "7K3F–9QXM", "#7K3F-9QXM"]
)
@pytest.mark.parametrize("email", [ADDRESS, "Buyer@MAIL.example"])
def test_mails_the_link_to_the_address_of_the_order(order: Order, typed: str, email: str) -> None:
    assert ask(typed, email).status_code == 303
    mail = Mail.objects.get()
    assert (mail.order, mail.reason, mail.to) == (order, "receipt_link", ADDRESS)


@pytest.mark.parametrize(
    ("number", "email"), [("7K3F-9QXM", "other@mail.example"), ("7K3F-9QXA", ADDRESS)]
)
def test_the_answer_is_the_same_without_a_match(order: Order, number: str, email: str) -> None:
    missed, found = ask(number, email), ask("7K3F-9QXM")
    assert Mail.objects.count() == 1
    assert (missed.status_code, missed.content) == (found.status_code, found.content)
    assert missed["Location"] == found["Location"] == "/order/find?sent"
    page = page_of(new_browser(), "/order/find?sent")
    assert "a mail with its link is on its way" in page
    assert ADDRESS not in page


def test_the_form_says_where_the_number_is(db: None) -> None:
    page = page_of(new_browser(), "/order/find")
    assert "Like 7K3F-9QXM. It is in our mails and in Stripe’s receipt." in page


@pytest.mark.parametrize("state", [State.CART, State.CHECKOUT, State.CANCELLED])
def test_an_order_that_nobody_paid_is_not_found(order: Order, state: State) -> None:
    Order.objects.update(state=state, paid_at=None)
    ask("7K3F-9QXM")
    assert not Mail.objects.exists()


def test_three_mails_a_day_for_each_order(order: Order) -> None:
    for _ in range(5):
        assert ask("7K3F-9QXM")["Location"] == "/order/find?sent"
    assert Mail.objects.count() == 3
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    for number, mail in enumerate(Mail.objects.all()):
        Mail.objects.filter(pk=mail.pk).update(reference=f"{yesterday} {number}")
    ask("7K3F-9QXM")
    assert Mail.objects.count() == 4


@pytest.mark.parametrize("number", ["", "7K3F", "7K3F-9QXM1", "<script>"])
def test_says_what_is_wrong_with_the_form(order: Order, number: str) -> None:
    answer = ask(number, email="buyer")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "An order number looks like 7K3F-9QXM." in page
    assert "Enter a valid email address." in page
    assert page.count('aria-invalid="true"') == 2
    assert "<script>" not in page.partition("<main")[2]


def test_one_address_can_try_only_a_few_times_a_minute(order: Order, settings: Any) -> None:
    settings.CODE_RATE_LIMIT = 2
    assert [ask("7K3F-9QXA").status_code for _ in range(3)] == [303, 303, 429]
    answer = ask("7K3F-9QXM")
    assert int(answer["Retry-After"]) <= 60
    assert "You have tried too often." in answer.content.decode()
    assert not Mail.objects.exists()


def test_the_page_is_linked_in_the_footer_and_makes_no_session(client: Client) -> None:
    assert 'href="/order/find"' in page_of(client, "/")
    answer = client.get("/order/find")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_another_site_cannot_ask(order: Order) -> None:
    form = {"number": "7K3F-9QXM", "email": ADDRESS}
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/order/find", form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert not Mail.objects.exists()
