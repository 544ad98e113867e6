"""Answers of Stripe that lack fields: nothing that reads them raises AttributeError."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
import stripe

from cart.models import Order, State
from payments.models import Payment
from payments.stripe_api import checkout_sessions, disputes, payment_intents, reading, refunds
from payments.stripe_api.accounts import StripeAccount, account_for
from tests.support.local_stripe import DEFAULT_KEY, LocalStripe, to
from tests.support.payments import look_again
from tests.support.presses import intent_of_item, new_browser, press_buy
from tests.support.shipping import add_rate

type Json = dict[str, Any]

# Without these the shop can't know what an answer is about.
ALWAYS_SENT = {"id", "object", "expires_at"}


def retrieved(kind: Any, object_id: str, *expand: str) -> Json:
    found: Json = kind.retrieve(object_id, expand=list(expand), api_key=DEFAULT_KEY).to_dict()
    return found


def without_one_key(body: Json) -> Iterator[Json]:
    """Copies of `body`, of which each lacks another key, at whatever depth."""
    for path in paths_of(body):
        copy = deepcopy(body)
        *parents, last = path
        inner: Any = copy
        for name in parents:
            inner = inner[name]
        del inner[last]
        yield copy


def paths_of(body: Any, *above: str | int) -> Iterator[list[str | int]]:
    children = body.items() if isinstance(body, dict) else enumerate(body)
    for name, child in children:
        if isinstance(name, str) and not (name in ALWAYS_SENT and len(above) == 0):
            yield [*above, name]
        if isinstance(child, dict | list):
            yield from paths_of(child, *above, name)


def with_required_keys_only(body: Json) -> Json:
    return {name: value for name, value in body.items() if name in ALWAYS_SENT}


def answers(monkeypatch: pytest.MonkeyPatch, kind: Any, call: str, body: Json) -> None:
    """Let `kind.call` of the stripe library answer with `body`."""
    answer = kind.construct_from(body, DEFAULT_KEY)
    if call == "list":
        listed = {"object": "list", "data": [body], "has_more": False, "url": "/v1/x"}
        answer = stripe.ListObject.construct_from(listed, DEFAULT_KEY)
    monkeypatch.setattr(kind, call, lambda *_a, **_k: answer)


@pytest.fixture
def refunded_and_disputed(payment: Payment, local_stripe: LocalStripe) -> Payment:
    local_stripe.refund(payment.intent_id, 500)
    local_stripe.dispute(payment.intent_id)
    return payment


def read_all(payment: Payment) -> Iterator[tuple[Any, str, Json]]:
    """What the shop reads about a payment: class, call and body of the answer."""
    session_id, intent_id = payment.stripe_id, payment.intent_id
    charge = ("payment_intent.latest_charge", "total_details.breakdown")
    yield (
        stripe.checkout.Session,
        "retrieve",
        retrieved(stripe.checkout.Session, session_id, *charge),
    )
    intent = retrieved(stripe.PaymentIntent, intent_id, "latest_charge")
    yield stripe.PaymentIntent, "retrieve", intent
    for kind in (stripe.Refund, stripe.Dispute):
        listed: Any = kind.list(payment_intent=intent_id, api_key=DEFAULT_KEY)
        yield kind, "list", listed.to_dict()["data"][0]


READERS: dict[Any, Callable[[StripeAccount], object]] = {
    stripe.checkout.Session: lambda account: checkout_sessions.retrieve(account, "cs_test_1"),
    stripe.PaymentIntent: lambda account: payment_intents.retrieve(account, "pi_1"),
    stripe.Refund: lambda account: refunds.list(account),
    stripe.Dispute: lambda account: disputes.list(account),
}


def test_an_answer_may_lack_any_optional_key(
    refunded_and_disputed: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, count = account_for("USD"), 0
    for kind, call, body in list(read_all(refunded_and_disputed)):
        for answer in (with_required_keys_only(body), *without_one_key(body)):
            with monkeypatch.context() as patch:
                answers(patch, kind, call, answer)
                assert READERS[kind](account)
                count += 1
    assert count > 200


def test_an_intent_that_waits_for_a_voucher_may_lack_any_optional_key(
    make_item: Any, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_stripe.configure(delayed_seconds=None)
    intent_id = intent_of_item(new_browser(), make_item(currency="EUR"))
    local_stripe.pay_intent(intent_id, method="multibanco")
    body = local_stripe.intent(intent_id)
    assert body["next_action"]["type"] == "multibanco_display_details"
    for answer in (with_required_keys_only(body), *without_one_key(body)):
        with monkeypatch.context() as patch:
            answers(patch, stripe.PaymentIntent, "retrieve", answer)
            assert READERS[stripe.PaymentIntent](account_for("EUR"))


def test_a_payment_with_an_address_may_lack_any_optional_key(
    make_item: Any, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rate(490, "DE")
    account, item = account_for("USD"), make_item()
    session_id = press_buy(item).stripe_id
    local_stripe.pay(session_id, shipping=to("DE"))
    intent_id = intent_of_item(new_browser(), item)
    local_stripe.pay_intent(intent_id, shipping=to("DE"))
    for kind, body in (
        (stripe.checkout.Session, local_stripe.session(session_id)),
        (stripe.PaymentIntent, local_stripe.intent(intent_id)),
    ):
        assert "'Springfield'" in str(body)
        nulls = (body | {name: None} for name in ("collected_information", "shipping"))
        for answer in (*nulls, *without_one_key(body)):
            with monkeypatch.context() as patch:
                answers(patch, kind, "retrieve", answer)
                assert READERS[kind](account)


@pytest.mark.parametrize(
    ("status", "payment_status", "outcome"),
    [
        (None, None, "OPEN"),
        (None, "no_payment_required", "OPEN"),
        ("open", "no_payment_required", "OPEN"),
        ("open", "unpaid", "OPEN"),
        ("complete", "no_payment_required", "PAID"),
        ("complete", "paid", "PAID"),
        (None, "paid", "PAID"),
        ("complete", "unpaid", "PROCESSING"),
        ("complete", None, "PROCESSING"),
        ("expired", "unpaid", "ENDED"),
    ],
)
def test_a_session_is_only_paid_where_stripe_says_so(
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    status: str | None,
    payment_status: str | None,
    outcome: str,
) -> None:
    body = {"id": "cs_test_1", "object": "checkout.session", "expires_at": 1}
    stated = {"status": status, "payment_status": payment_status}
    body |= {name: value for name, value in stated.items() if value is not None}
    answers(monkeypatch, stripe.checkout.Session, "retrieve", body)
    found = checkout_sessions.retrieve(account_for("USD"), "cs_test_1")
    assert (found.outcome.name, found.amount, found.tax_amounts) == (outcome, 0, [])


@pytest.mark.parametrize("left_out", ["customer_details", "total_details", "metadata", "url"])
def test_a_payment_is_settled_without_optional_fields(
    local_stripe: LocalStripe, make_item: Any, monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    payment = press_buy(make_item())
    local_stripe.pay(payment.stripe_id)
    body = retrieved(stripe.checkout.Session, payment.stripe_id, "payment_intent.latest_charge")
    del body[left_out]
    answers(monkeypatch, stripe.checkout.Session, "retrieve", body)
    assert look_again(payment).state == State.PAID


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 400 + "@shop.example",
        "buyer\x00@shop.example",
        "buyer@shop.example\r\nBcc: all@shop.example",
        "\ud800buyer@shop.example",
    ],
)
def test_an_address_that_no_column_takes_does_not_stop_the_settlement(
    local_stripe: LocalStripe, make_item: Any, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """Stripe takes 512 characters."""
    payment = press_buy(make_item())
    local_stripe.pay(payment.stripe_id)
    body = retrieved(stripe.checkout.Session, payment.stripe_id, "payment_intent.latest_charge")
    body["customer_details"]["email"] = typed
    answers(monkeypatch, stripe.checkout.Session, "retrieve", body)
    look_again(payment)
    order = Order.objects.get()
    assert order.state == State.PAID
    if len(typed) > 320:
        assert order.email == ""  # a part of it may be the address of somebody else
    else:
        assert order.email.isprintable()
        assert order.email.startswith("buyer@shop.example")


def test_control_characters_are_removed() -> None:
    assert reading.without_control_characters(" Ana\x00 \nMaría\x7f\t") == "Ana María"
    assert reading.without_control_characters("Олена 😀") == "Олена 😀"
