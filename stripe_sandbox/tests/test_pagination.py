import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, minutes_from_now


def test_lists_sessions_newest_first(local_stripe: LocalStripe) -> None:
    made = [create().id for _ in range(3)][::-1]
    page = stripe.checkout.Session.list(limit=2)
    assert ([each.id for each in page.data], page.has_more) == (made[:2], True)
    rest = stripe.checkout.Session.list(starting_after=made[1])
    assert ([each.id for each in rest.data], rest.has_more) == (made[2:], False)
    newer = stripe.checkout.Session.list(ending_before=made[2], limit=1)
    assert ([each.id for each in newer.data], newer.has_more) == (made[1:2], True)
    assert stripe.checkout.Session.list(api_key="sk_test_other").data == []


def test_filters_sessions(local_stripe: LocalStripe) -> None:
    paid, open_one, expired = create(), create(), create(expires_at=minutes_from_now(31))
    local_stripe.pay(paid)
    local_stripe.configure(clock_ahead=32 * 60)
    for status, session in {"complete": paid, "open": open_one, "expired": expired}.items():
        found = stripe.checkout.Session.list(status=status).data
        assert [each.id for each in found] == [session.id]
    intent = stripe.checkout.Session.retrieve(paid.id).payment_intent
    assert isinstance(intent, str)
    assert [each.id for each in stripe.checkout.Session.list(payment_intent=intent)] == [paid.id]
    assert len(stripe.checkout.Session.list(created={"gte": paid.created}).data) == 3
    assert stripe.checkout.Session.list(created={"lt": paid.created}).data == []


def test_expands_what_it_lists(local_stripe: LocalStripe) -> None:
    local_stripe.pay(create())
    [session] = stripe.checkout.Session.list(expand=["data.payment_intent"]).data
    assert isinstance(session.payment_intent, stripe.PaymentIntent)


def test_filters_events(listening: LocalStripe) -> None:
    listening.pay(create())
    listening.configure(webhooks=False, clock_ahead=100)
    create().expire()
    completed, expired = "checkout.session.completed", "checkout.session.expired"
    newest, oldest = stripe.Event.list(types=[completed, expired]).data
    assert (newest.type, oldest.type) == (expired, completed)
    assert [each.type for each in stripe.Event.list(types=[completed])] == [completed]
    assert [each.id for each in stripe.Event.list(created={"gte": newest.created})] == [newest.id]
    about = "checkout.*"  # a payment has events of its PaymentIntent, too
    older = stripe.Event.list(type=about, starting_after=newest.id)
    assert [each.id for each in older] == [oldest.id]
    undelivered = stripe.Event.list(type=about, delivery_success=False)
    assert [each.id for each in undelivered] == [newest.id]
    assert [each.id for each in stripe.Event.list(type=about, limit=1)] == [newest.id]


@pytest.mark.usefixtures("local_stripe")
def test_refuses_invalid_list_parameters() -> None:
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        stripe.Event.list(type="a", types=["b"])
    with pytest.raises(stripe.InvalidRequestError, match="exceeded maximum 20"):
        stripe.Event.list(types=["a"] * 21)
    with pytest.raises(stripe.InvalidRequestError, match="No such object: 'evt_1'"):
        stripe.Event.list(starting_after="evt_1")
    with pytest.raises(stripe.InvalidRequestError, match="does not implement `customer`"):
        stripe.checkout.Session.list(customer="cus_1")
