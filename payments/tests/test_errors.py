"""payments.errors: each exception has one answer."""

import inspect
import pkgutil
from importlib import import_module

import pytest
import stripe
from django.test import Client

import payments
from cart.models import DiscountProblem, DiscountRefused
from payments.alerts import NewAlerts
from payments.errors import ANSWERS, PaymentError, answer_to
from payments.reconcile import StripeDown
from payments.refunds import PaymentDisputed, PiecesRefundedAlready, RefundTooLarge
from payments.stripe_api.errors import CallInFlight, StripeCallFailed, StripeUnavailable
from payments.stripe_api.events import NotFromStripe
from payments.webhooks import NotSettled
from store.models import Item
from tests.support.carts import add

# These never reach the buyer: the admin, the webhook or the reconciler handles them.
OF_REFUNDS = {RefundTooLarge, PaymentDisputed, PiecesRefundedAlready}
HANDLED_ELSEWHERE = OF_REFUNDS | {NewAlerts, NotFromStripe, NotSettled, StripeDown}
BASES = {PaymentError, StripeCallFailed}


def exceptions_of_payments() -> set[type[Exception]]:
    """All exceptions that a module of payments or payments.stripe_api defines."""
    found = set()
    for module in pkgutil.walk_packages(payments.__path__, "payments."):
        if ".tests" in module.name or ".migrations" in module.name:
            continue
        for _name, each in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(each, Exception) and each.__module__ == module.name:
                found.add(each)
    return found


def test_each_exception_of_payments_is_answered_or_handled_elsewhere() -> None:
    for each in exceptions_of_payments() - BASES - HANDLED_ELSEWHERE:
        assert any(base in ANSWERS for base in each.__mro__), f"{each} has no answer"
        assert issubclass(each, tuple(BASES)), f"{each} needs a base class of {BASES}"


def test_what_is_handled_elsewhere_has_no_answer() -> None:
    assert exceptions_of_payments() >= HANDLED_ELSEWHERE
    for each in HANDLED_ELSEWHERE:
        assert not any(base in ANSWERS for base in each.__mro__), each


@pytest.mark.parametrize("base", sorted(BASES, key=str))
def test_each_subclass_is_found(base: type[Exception]) -> None:
    waiting, found = [base], exceptions_of_payments()
    while waiting:
        each = waiting.pop()
        assert each in found
        waiting += each.__subclasses__()


def test_one_code_has_one_status() -> None:
    statuses: dict[str, int] = {}
    for code, status, _message in ANSWERS.values():
        assert statuses.setdefault(code, status) == status


def test_a_refused_discount_has_the_message_of_its_reason() -> None:
    refused = answer_to(DiscountRefused(DiscountProblem.USED_UP))
    assert (refused.status, refused.code) == (409, "discount_refused")
    assert refused.message == "This code has been used up."


# Stripe's texts; the second and the third have the same code.
TOO_SMALL = "The Checkout Session's total amount due must add up to at least $0.50 usd"
CONVERTED = (
    "The Checkout Session's total amount must convert to at least 50 cents. 1.00 USh converts to"
    " approximately €0.00."
)
CONVERTED_INTENT = "Amount must convert to at least 50 cents."
TOO_LARGE = "The Checkout Session's total amount due must be no more than $999,999.99"


@pytest.mark.parametrize(
    ("code", "text", "start"),
    [
        ("amount_too_small", TOO_SMALL, "The total must be at least $0.50 to be paid by card."),
        ("amount_too_small", CONVERTED, "Converted to the currency in which the shop is paid,"),
        ("amount_too_small", CONVERTED_INTENT, "Converted to the currency in which the shop is"),
        ("amount_too_large", TOO_LARGE, "This amount is too large for one payment."),
    ],
)
def test_each_of_stripes_bounds_of_amounts_has_a_message(
    client: Client, item: Item, monkeypatch: pytest.MonkeyPatch, code: str, text: str, start: str
) -> None:
    def refuse(**_params: object) -> None:
        raise stripe.InvalidRequestError(text, None, code, http_status=400)  # type: ignore[no-untyped-call]

    monkeypatch.setattr("stripe.checkout.Session.create", refuse)
    add(client, item)
    answer = client.get("/order/buy")
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"].startswith(start)


@pytest.mark.parametrize(
    ("error", "is_logged"),
    [(StripeUnavailable("no answer"), True), (CallInFlight("another press was quicker"), False)],
)
def test_logs_what_is_not_the_buyers_own_doing(
    error: Exception, is_logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert answer_to(error).status == 503
    assert bool(caplog.records) == is_logged
