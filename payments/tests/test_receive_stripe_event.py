"""POST /stripe/webhook. Concurrent deliveries: tests/concurrency/test_at_once.py."""

import json
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from cart.models import Order
from payments.models import Payment, ReceivedEvent
from payments.stripe_api.accounts import StripeAccount
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.events import SECRET, deliver, event_about, post
from tests.support.local_stripe import LocalStripe
from tests.support.presses import new_browser


@pytest.fixture
def payment(item: Item, local_stripe: LocalStripe) -> Payment:
    """Paid at Stripe, and not settled yet."""
    new_browser().get(f"/buy/{item.pk}")
    payment = Payment.objects.get()
    local_stripe.pay(payment.stripe_id)
    return payment


def refuse_to_change_an_order(execute: Any, sql: str, *rest: Any) -> Any:
    """Raise an IntegrityError that isn't about the event."""
    if sql.startswith('UPDATE "cart_order"'):
        return execute("UPDATE cart_order SET total_amount = -1", (), *rest[1:])
    return execute(sql, *rest)


def test_a_signed_event_pays_the_order(payment: Payment) -> None:
    assert deliver(event_about(payment.stripe_id)) == 200
    assert Order.objects.get().state == "paid"
    assert ReceivedEvent.objects.get().type == "checkout.session.completed"
    assert str(ReceivedEvent.objects.get()) == "checkout.session.completed evt_1"


def test_the_same_event_again_is_200_and_changes_nothing(payment: Payment) -> None:
    assert [deliver(event_about(payment.stripe_id)) for _ in range(3)] == [200, 200, 200]
    assert ReceivedEvent.objects.count() == 1


def test_another_event_about_the_same_payment_changes_nothing(payment: Payment) -> None:
    deliver(event_about(payment.stripe_id))
    paid_at = Order.objects.get().paid_at
    assert deliver(event_about(payment.stripe_id, id="evt_2")) == 200
    assert Order.objects.get().paid_at == paid_at


def test_an_event_alone_does_not_pay_the_order(item: Item, local_stripe: LocalStripe) -> None:
    new_browser().get(f"/buy/{item.pk}")
    assert deliver(event_about(Payment.objects.get().stripe_id)) == 200
    assert Order.objects.get().state == "checkout"


@pytest.mark.parametrize("secret", ["whsec_minieuro", "whsec_wrong"])
def test_another_secret_is_400(payment: Payment, secret: str) -> None:
    """The signature of the euro account is valid, but the session isn't one of its own."""
    assert deliver(event_about(payment.stripe_id), secret) == 400
    assert Order.objects.get().state == "checkout"


def test_an_old_signature_is_400(payment: Payment) -> None:
    assert deliver(event_about(payment.stripe_id), timestamp=int(time.time()) - 301) == 400


@pytest.mark.parametrize("signature", [None, "", "t=1,v1=abc", "nonsense", "t=x,v1=y"])
def test_a_missing_or_broken_signature_is_400(payment: Payment, signature: str | None) -> None:
    assert post(event_about(payment.stripe_id), signature) == 400
    assert Order.objects.get().state == "checkout"


def test_a_refused_signature_is_one_line_of_the_log(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    post("{}", "nonsense")
    (line,) = caplog.records
    assert line.levelname == "INFO"
    assert line.message.startswith("POST /stripe/webhook 400, not from Stripe: default: Unable to")


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "1", '"text"', "{}", '{"id": "evt_1"}', '{"data": []}']
)
def test_a_signed_body_that_is_no_event_is_400(db: None, body: str) -> None:
    assert deliver(body) == 400


def test_a_body_that_is_not_utf_8_is_400(client: Client, db: None) -> None:
    answer = client.post("/stripe/webhook", b"\xff\xfe", content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("secret", ["", " ", SECRET])
def test_an_account_without_a_secret_accepts_no_event(
    payment: Payment, settings: Any, secret: str
) -> None:
    settings.STRIPE_ACCOUNTS = [StripeAccount("USD", "sk_test_minicart", "pk_test_minicart")]
    assert deliver(event_about(payment.stripe_id), secret) == 400
    settings.STRIPE_ACCOUNTS = []
    assert deliver(event_about(payment.stripe_id), secret) == 400
    assert Order.objects.get().state == "checkout"


@pytest.mark.parametrize(
    "values",
    [
        {"data": {"object": {"id": "cs_test_of_another_shop"}}},
        {"data": {"object": {}}},
        {"type": "customer.created"},
        {"livemode": True},
    ],
)
def test_an_event_about_another_object_is_200(payment: Payment, values: dict[str, Any]) -> None:
    assert deliver(event_about(payment.stripe_id, **values)) == 200
    assert Order.objects.get().state == "checkout"
    assert not ReceivedEvent.objects.exists()


@pytest.mark.parametrize("left_out", ["livemode", "object", "data"])
def test_an_event_of_another_api_version_may_lack_fields(payment: Payment, left_out: str) -> None:
    event = json.loads(event_about(payment.stripe_id, api_version="2019-01-01"))
    del event[left_out]
    assert deliver(json.dumps(event)) == 200
    is_paid = left_out != "data"  # which has the id of the session
    assert (Order.objects.get().state == "paid") == is_paid


@pytest.mark.parametrize(
    "kind",
    [
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "payment_intent.succeeded",
        "payment_intent.processing",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
    ],
)
def test_each_event_about_a_session_or_intent_settles_the_payment(
    payment: Payment, kind: str
) -> None:
    assert deliver(event_about(payment.stripe_id, type=kind)) == 200
    assert Order.objects.get().state == "paid"


@pytest.mark.parametrize(
    "kind",
    [
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.refunded",
        "charge.dispute.created",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    ],
)
def test_each_event_about_a_refund_or_dispute_settles_the_payment(
    payment: Payment, local_stripe: LocalStripe, kind: str
) -> None:
    deliver(event_about(payment.stripe_id))
    payment.refresh_from_db()
    local_stripe.refund(payment.intent_id, 500)
    local_stripe.dispute(payment.intent_id)
    about = {"object": {"id": "an_object", "payment_intent": payment.intent_id}}
    assert deliver(event_about("", id="evt_2", type=kind, data=about)) == 200
    order = Order.objects.get()
    assert (order.refunded_amount, "disputes this payment" in alert_messages(order)) == (500, True)


def test_a_failing_stripe_is_503_and_the_event_is_not_stored(
    payment: Payment, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.max_network_retries", 0)
    local_stripe.fail(status=500)
    assert deliver(event_about(payment.stripe_id)) == 503
    assert not ReceivedEvent.objects.exists()
    assert deliver(event_about(payment.stripe_id)) == 200
    assert Order.objects.get().state == "paid"


def test_the_log_names_the_event_that_was_not_settled(
    payment: Payment,
    local_stripe: LocalStripe,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("stripe.max_network_retries", 0)
    local_stripe.fail(status=500)
    deliver(event_about(payment.stripe_id))
    (line,) = [each.message for each in caplog.records if each.levelname == "ERROR"]
    assert f"event evt_1 (checkout.session.completed {payment.stripe_id})" in line


def test_a_failing_database_is_503_and_nothing_is_stored(payment: Payment) -> None:
    """Only an IntegrityError about the event itself means that it is a duplicate."""
    with connection.execute_wrapper(refuse_to_change_an_order):
        assert deliver(event_about(payment.stripe_id)) == 503
    assert not ReceivedEvent.objects.exists()
    payment.refresh_from_db()
    assert payment.state == "open"
    assert deliver(event_about(payment.stripe_id)) == 200


def test_rejects_get_and_an_address_with_a_slash(client: Client, db: None) -> None:
    assert client.get("/stripe/webhook").status_code == 405
    assert client.post("/stripe/webhook/").status_code == 404
