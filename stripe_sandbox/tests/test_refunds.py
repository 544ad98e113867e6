from typing import Any

import pytest
import stripe

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.lifecycle.charges import successful_charge
from stripe_sandbox.state import Account
from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.receiver import Receiver
from stripe_sandbox.tests.support.sessions import charge_of, line, paid_intent


@pytest.fixture
def intent(local_stripe: LocalStripe) -> str:
    return paid_intent(local_stripe)


def refused(**params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.Refund.create(**params)
    assert caught.value.http_status == 400
    return caught.value


def test_refunds_the_whole_charge(intent: str) -> None:
    refund = stripe.Refund.create(
        payment_intent=intent, reason="requested_by_customer", metadata={"order": "7"}
    )
    assert refund.id.startswith("re_")
    assert (refund.amount, refund.currency, refund.status) == (1999, "usd", "succeeded")
    assert (refund.payment_intent, refund.reason) == (intent, "requested_by_customer")
    assert refund.metadata is not None
    assert refund.metadata["order"] == "7"
    charge = charge_of(intent)
    assert (charge.amount_refunded, charge.refunded) == (1999, True)
    assert stripe.Refund.retrieve(refund.id).charge == charge.id == refund.charge


def test_refunds_in_parts(intent: str) -> None:
    stripe.Refund.create(payment_intent=intent, amount=500)
    charge = charge_of(intent)
    assert (charge.amount_refunded, charge.refunded) == (500, False)
    assert stripe.Refund.create(charge=charge.id).amount == 1499
    assert stripe.Charge.retrieve(charge.id).refunded is True


def test_leaves_out_what_does_not_apply(intent: str) -> None:
    refund = stripe.Refund.create(payment_intent=intent)
    assert "failure_reason" not in refund
    assert "pending_reason" not in refund


def test_refuses_more_than_is_left(intent: str) -> None:
    stripe.Refund.create(payment_intent=intent, amount=500)
    error = refused(payment_intent=intent, amount=1500)
    assert str(error.user_message) == (
        "Refund amount ($15.00) is greater than unrefunded amount on charge ($14.99)"
    )
    stripe.Refund.create(payment_intent=intent)
    error = refused(payment_intent=intent, amount=1)
    assert error.code == "charge_already_refunded"
    assert str(error.user_message) == f"Charge {charge_of(intent).id} has already been refunded."


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"amount": 0}, "Invalid positive integer"),
        ({"amount": -5}, "Invalid positive integer"),
        ({"amount": "1.5"}, "Invalid integer: 1.5"),
        ({"reason": "bored"}, "Invalid reason: must be one of"),
        ({"metadata": {"k" * 41: "v"}}, "up to 40 characters"),
        ({"charge": "ch_1"}, "You may only specify one of these parameters"),
        ({"payment_intent": None}, "payment_intent or charge"),
        ({"payment_intent": "pi_1"}, "No such payment_intent: 'pi_1'"),
        ({"payment_intent": None, "charge": "ch_1"}, "No such charge: 'ch_1'"),
        ({"colour": "red"}, "Received unknown parameter: colour"),
        ({"reverse_transfer": True}, "does not implement `reverse_transfer`"),
    ],
)
def test_refuses_what_stripe_refuses(intent: str, params: dict[str, Any], message: str) -> None:
    assert message in str(refused(**({"payment_intent": intent} | params)))


def test_refunds_whole_units_of_isk(local_stripe: LocalStripe) -> None:
    intent = paid_intent(local_stripe, line_items=[line(currency="isk", unit_amount=100_000)])
    assert "Invalid positive integer" in str(refused(payment_intent=intent, amount=150))
    assert stripe.Refund.create(payment_intent=intent, amount=200).amount == 200


def test_same_key_repeats_the_first_answer(local_stripe: LocalStripe, intent: str) -> None:
    local_stripe.configure(refunds="pending")
    first = stripe.Refund.create(payment_intent=intent, amount=500, idempotency_key="rf:7")
    local_stripe.tell(f"refunds/{first.id}/finish", status="succeeded")
    again = stripe.Refund.create(payment_intent=intent, amount=500, idempotency_key="rf:7")
    assert (again.id, again.status) == (first.id, "pending")
    assert charge_of(intent).amount_refunded == 500


def test_belongs_to_its_account(intent: str) -> None:
    refund = stripe.Refund.create(payment_intent=intent)
    assert refused(payment_intent=intent, api_key="sk_test_other").code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError, match="No such refund"):
        stripe.Refund.retrieve(refund.id, api_key="sk_test_other")
    assert stripe.Refund.list(api_key="sk_test_other").data == []


def test_changes_its_metadata_only(intent: str) -> None:
    refund = stripe.Refund.create(payment_intent=intent, metadata={"a": "1"})
    changed = stripe.Refund.modify(refund.id, metadata={"b": "2"})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"a": "1", "b": "2"}
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter: amount"):
        stripe.Refund.modify(refund.id, **dict[str, Any](amount=1))


def test_refund_of_a_card_cannot_be_canceled(local_stripe: LocalStripe, intent: str) -> None:
    local_stripe.configure(refunds="pending")
    refund = stripe.Refund.create(payment_intent=intent)
    with pytest.raises(stripe.InvalidRequestError, match="status of `pending`"):
        refund.cancel()


def test_lists_by_payment(local_stripe: LocalStripe, intent: str) -> None:
    other = paid_intent(local_stripe)
    first, second = (
        stripe.Refund.create(payment_intent=intent, amount=amount) for amount in (100, 200)
    )
    third = stripe.Refund.create(payment_intent=other)
    assert [each.id for each in stripe.Refund.list().data] == [third.id, second.id, first.id]
    of_one = stripe.Refund.list(payment_intent=intent, limit=1)
    assert ([each.id for each in of_one.data], of_one.has_more) == ([second.id], True)
    assert [each.id for each in of_one.auto_paging_iter()] == [second.id, first.id]
    assert [each.id for each in stripe.Refund.list(charge=charge_of(other).id)] == [third.id]
    newer = stripe.Refund.list(ending_before=first.id, limit=1)
    assert ([each.id for each in newer.data], newer.has_more) == ([second.id], True)
    assert stripe.Refund.list(created={"gt": third.created}).data == []


def test_charges_can_be_read(intent: str) -> None:
    charge = stripe.Charge.retrieve(charge_of(intent).id, expand=["payment_intent"])
    assert isinstance(charge.payment_intent, stripe.PaymentIntent)
    for wanted in (intent, "ch_nothing"):
        with pytest.raises(stripe.InvalidRequestError, match="No such charge") as caught:
            stripe.Charge.retrieve(wanted)
        assert caught.value.http_status == 404


def test_expands_its_charge(intent: str) -> None:
    refund = stripe.Refund.create(payment_intent=intent, expand=["charge", "payment_intent"])
    assert isinstance(refund.charge, stripe.Charge)
    assert refund.charge.amount_refunded == 1999


def test_needs_a_charge_that_succeeded() -> None:
    account = Account("main")
    account.objects["pi_1"] = {"id": "pi_1", "object": "payment_intent", "latest_charge": None}
    with pytest.raises(StripeError) as caught:
        successful_charge(account, {"payment_intent": "pi_1"})
    assert caught.value.message == (
        "This PaymentIntent (pi_1) does not have a successful charge to refund."
    )


def test_sends_events(listening: LocalStripe, shop: Receiver, intent: str) -> None:
    stripe.Refund.create(payment_intent=intent, amount=500, idempotency_key="rf:7")
    events = {each.event["type"]: each.event for each in shop.wait_for(3)}
    assert set(events) == {"checkout.session.completed", "refund.created", "charge.refunded"}
    charge = events["charge.refunded"]["data"]["object"]
    assert (charge["amount_refunded"], charge["refunded"]) == (500, False)
    assert "refunds" not in charge
    assert events["refund.created"]["request"]["idempotency_key"] == "rf:7"
