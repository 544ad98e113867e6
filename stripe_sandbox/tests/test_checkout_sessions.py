import re

import pytest
import stripe

from stripe_sandbox.tests.support.sessions import SUCCESS_URL, create, line

pytestmark = pytest.mark.usefixtures("local_stripe")


def test_starts_open_and_unpaid() -> None:
    session = create(client_reference_id="order-7", metadata={"attempt": "1"})
    assert re.fullmatch(r"cs_test_[A-Za-z0-9]{58}", session.id)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.payment_intent is None
    assert session.customer_details is None
    assert session.livemode is False
    assert session.client_reference_id == "order-7"
    assert session.metadata is not None
    assert session.metadata["attempt"] == "1"
    assert session.success_url == SUCCESS_URL


def test_adds_up_the_lines() -> None:
    session = create(line_items=[line(quantity=3), line(unit_amount=1)])
    assert (session.amount_subtotal, session.amount_total, session.currency) == (5998, 5998, "usd")
    assert session.total_details is not None
    assert session.total_details.amount_discount == 0
    assert session.total_details.amount_tax == 0


def test_expires_after_24_hours_by_default() -> None:
    session = create()
    assert session.expires_at - session.created == 24 * 60 * 60


def test_can_be_retrieved() -> None:
    session = create()
    found = stripe.checkout.Session.retrieve(session.id)
    assert found.id == session.id
    assert found.url == session.url
    assert "line_items" not in found


def test_belongs_to_its_account() -> None:
    session = create()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.checkout.Session.retrieve(session.id, api_key="sk_test_other")
    assert caught.value.http_status == 404
    assert caught.value.code == "resource_missing"
    assert f"No such checkout.session: '{session.id}'" in str(caught.value)


def test_expires_when_asked() -> None:
    session = create().expire()
    assert session.status == "expired"
    assert session.url is None


def test_expires_only_once() -> None:
    session = create().expire()
    with pytest.raises(stripe.InvalidRequestError, match="has a status of `expired`"):
        session.expire()


def test_lists_its_lines() -> None:
    session = create(line_items=[line(quantity=2), line(unit_amount=100)])
    lines = stripe.checkout.Session.list_line_items(session.id)
    assert [(each.description, each.quantity, each.amount_total) for each in lines.data] == [
        ("Mug", 2, 3998),
        ("Mug", 1, 100),
    ]
    assert lines.has_more is False


def test_pages_its_lines() -> None:
    session = create(line_items=[line(unit_amount=100 + number) for number in range(12)])
    first = stripe.checkout.Session.list_line_items(session.id)
    assert first.has_more is True
    assert [each.amount_total for each in first.auto_paging_iter()] == list(range(100, 112))


def test_expands_lines_and_their_products() -> None:
    session = create(expand=["line_items.data.price.product"])
    assert session.line_items is not None
    price = session.line_items.data[0].price
    assert price is not None
    assert isinstance(price.product, stripe.Product)
    assert price.product.name == "Mug"


def test_expands_four_levels_at_most() -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        create(expand=["line_items.data.price.product.default_price"])
    assert caught.value.code == "property_expansion_max_depth"
    assert str(caught.value.user_message) == (
        "You cannot expand more than 4 levels of a property. Property: "
        "line_items.data.price.product.default_price"
    )
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        stripe.checkout.Session.list(expand=["data.line_items.data.price.product"])


@pytest.mark.usefixtures("local_stripe")
def test_refuses_to_expand_other_fields() -> None:
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        create(expand=["success_url"])


def test_free_session_needs_no_payment() -> None:
    session = create(line_items=[line(unit_amount=0)])
    assert session.amount_total == 0
    assert session.payment_status == "no_payment_required"


def test_rounds_a_decimal_amount_over_the_quantity() -> None:
    price = {"currency": "usd", "unit_amount_decimal": "0.5", "product_data": {"name": "Screw"}}
    session = create(line_items=[{"quantity": 201, "price_data": price}])
    assert session.amount_total == 101
