"""The refund page in the admin: pieces of each line, with the amount that is proposed for them."""

from typing import Any

import pytest
from django.test import Client

from cart.models import Discount, Order, State
from payments.models import Payment, Refund
from payments.refunds import PaymentDisputed, PiecesRefundedAlready
from store.models import Item
from tests.support.carts import add_tax
from tests.support.local_stripe import LocalStripe
from tests.support.payments import paid_cart
from tests.support.refund_form import address, all_chosen, filled_form, pieces, values


@pytest.fixture
def mugs_and_pot(make_item: Any, local_stripe: LocalStripe) -> Payment:
    """Three mugs of 10.01 and a pot of 5.00, with 10 % off and 20 % tax: 37.84 in all."""
    add_tax("20")
    Discount.objects.create(code="TEN", percent=10)
    mug = make_item(price="10.01", stock=3)
    return paid_cart({mug: 3, make_item(name="Pot", price="5.00"): 1}, local_stripe, code="TEN")


def test_an_amount_is_proposed_for_the_chosen_pieces(
    admin_client: Client, mugs_and_pot: Payment, local_stripe: LocalStripe
) -> None:
    """In a first step, which works without JavaScript and refunds nothing."""
    first = admin_client.get(address(mugs_and_pot)).content.decode()
    assert "$37.84 was paid; $37.84 of it can be refunded" in first
    assert "$10.81" in first  # for one mug
    sent = filled_form(admin_client, mugs_and_pot, amount="", **pieces(mugs_and_pot, Mug=2))
    answer = admin_client.post(address(mugs_and_pot), sent)
    assert answer.status_code == 200
    assert not Refund.objects.exists()
    page = answer.content.decode()
    assert "Proposed for the chosen pieces" in page
    shown = values(page)
    assert (shown["amount"], shown["key"]) == ("21.62", sent["key"])
    admin_client.post(address(mugs_and_pot), shown | {"reason": "duplicate", "restock": "on"})
    assert [each["amount"] for each in local_stripe.refunds()] == [2162]
    assert Item.objects.get(name="Mug").stock == 2


def test_the_last_pieces_get_the_remainder(
    admin_client: Client, mugs_and_pot: Payment, local_stripe: LocalStripe
) -> None:
    for _ in range(3):
        sent = filled_form(admin_client, mugs_and_pot, amount="", **pieces(mugs_and_pot, Mug=1))
        shown = values(admin_client.post(address(mugs_and_pot), sent).content.decode())
        admin_client.post(address(mugs_and_pot), shown | {"reason": "duplicate"})
    page = all_chosen(admin_client, mugs_and_pot)
    assert values(page)["amount"] == "5.40"
    admin_client.post(address(mugs_and_pot), values(page) | {"reason": "duplicate"})
    amounts = [each["amount"] for each in local_stripe.refunds()]
    assert amounts == [1081, 1081, 1082, 540]
    assert Order.objects.get().is_refunded


def test_all_pieces_can_be_chosen_at_once(admin_client: Client, mugs_and_pot: Payment) -> None:
    first = admin_client.get(address(mugs_and_pot)).content.decode()
    assert '<input type="submit" name="all" value="Choose all pieces">' in first
    shown = values(all_chosen(admin_client, mugs_and_pot))
    assert shown["amount"] == "37.84"
    assert shown.items() >= pieces(mugs_and_pot, Mug=3, Pot=1).items()
    admin_client.post(address(mugs_and_pot), shown | {"reason": "duplicate", "restock": "on"})
    order = Order.objects.get()
    assert (order.state, order.is_refunded) == (State.PAID, True)
    assert Item.objects.get(name="Mug").stock == 3


def test_pieces_changed_after_the_proposal_are_proposed_again(
    admin_client: Client, mugs_and_pot: Payment, local_stripe: LocalStripe
) -> None:
    shown = values(all_chosen(admin_client, mugs_and_pot))
    shown |= {"reason": "duplicate"} | pieces(mugs_and_pot, Mug=1)
    page = admin_client.post(address(mugs_and_pot), shown).content.decode()
    assert values(page)["amount"] == "16.21"
    assert local_stripe.refunds() == []
    typed = shown | pieces(mugs_and_pot, Mug=0, Pot=0) | {"amount": "3.00"}
    admin_client.post(address(mugs_and_pot), typed)
    assert [each["amount"] for each in local_stripe.refunds()] == [300]


def test_the_button_proposes_even_where_an_amount_was_typed(
    admin_client: Client, mugs_and_pot: Payment
) -> None:
    chosen = pieces(mugs_and_pot, Pot=1) | {"propose": "Propose the amount"}
    sent = filled_form(admin_client, mugs_and_pot, **chosen)
    page = admin_client.post(address(mugs_and_pot), sent).content.decode()
    assert values(page)["amount"] == "5.40"


@pytest.mark.parametrize(
    ("fields", "mugs", "sentence"),
    [
        ({"amount": ""}, 0, "Enter an amount, or choose pieces."),
        ({"propose": "Propose the amount"}, 0, "Choose the pieces to propose an amount for."),
        ({"amount": "0"}, 0, "must be more than zero"),
        ({"amount": "-1"}, 1, "must be more than zero"),
        ({"amount": "5.00"}, 4, "less than or equal to 3"),
        ({"amount": "5.00"}, -1, "greater than or equal to 0"),
    ],
)
def test_a_wrong_choice_has_a_message(
    admin_client: Client, mugs_and_pot: Payment, fields: dict[str, str], mugs: int, sentence: str
) -> None:
    chosen = pieces(mugs_and_pot, Mug=mugs) | fields
    sent = filled_form(admin_client, mugs_and_pot, **chosen)
    answer = admin_client.post(address(mugs_and_pot), sent)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Refund.objects.exists()


def test_refunded_pieces_are_shown_and_can_not_be_chosen(
    admin_client: Client, mugs_and_pot: Payment
) -> None:
    sent = filled_form(admin_client, mugs_and_pot, **pieces(mugs_and_pot, Mug=2, Pot=1))
    admin_client.post(address(mugs_and_pot), sent)
    page = admin_client.get(address(mugs_and_pot)).content.decode()
    assert "of 1" in page
    assert pieces(mugs_and_pot, Pot=1).keys() - values(page).keys()
    order_page = admin_client.get(f"/admin/cart/order/{mugs_and_pot.order_id}/change/")
    assert "requested by the buyer, admin, 2 × Mug, 1 × Pot" in order_page.content.decode()


def test_a_double_click_about_all_pieces_is_one_refund(
    admin_client: Client, mugs_and_pot: Payment, local_stripe: LocalStripe
) -> None:
    shown = values(all_chosen(admin_client, mugs_and_pot))
    for _ in range(2):
        sent = shown | {"reason": "duplicate"}
        page = admin_client.post(address(mugs_and_pot), sent, follow=True).content.decode()
        assert "$37.84 was refunded." in page
    assert [each["amount"] for each in local_stripe.refunds()] == [3784]


def test_pieces_that_a_colleague_refunded_meanwhile_are_not_refunded_again(
    admin_client: Client, mugs_and_pot: Payment
) -> None:
    pot = pieces(mugs_and_pot, Pot=1)
    sent, colleagues = (filled_form(admin_client, mugs_and_pot, **pot) for _ in range(2))
    admin_client.post(address(mugs_and_pot), colleagues)
    answer = admin_client.post(address(mugs_and_pot), sent)
    assert answer.status_code == 422
    assert "less than or equal to 0" in answer.content.decode()
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("error", [PiecesRefundedAlready, PaymentDisputed])
def test_a_change_while_the_refund_is_requested_shows_the_page_again(
    admin_client: Client,
    payment: Payment,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
) -> None:
    def request_refund(**_request: Any) -> None:
        raise error

    monkeypatch.setattr("payments.admin.refunds.request_refund", request_refund)
    sent = filled_form(admin_client, payment)
    answer = admin_client.post(address(payment), sent, follow=True)
    assert answer.redirect_chain == [(address(payment), 302)]
    assert "this payment has changed since you opened the page" in answer.content.decode()
