import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.receiver import Receiver
from stripe_sandbox.tests.support.sessions import create, refusal


def test_lists_the_parameters_of_requests(local_stripe: LocalStripe) -> None:
    create(idempotency_key="order-7")
    [request] = local_stripe.requests()
    assert (request["method"], request["path"]) == ("POST", "/v1/checkout/sessions")
    assert (request["account"], request["status"]) == ("main", 200)
    assert isinstance(request["params"], dict)
    assert request["params"]["line_items"]["0"]["price_data"]["unit_amount"] == "1999"
    assert isinstance(request["headers"], dict)
    assert request["headers"]["idempotency-key"] == "order-7"
    assert request["headers"]["authorization"] == "Bearer sk_test_****"
    assert isinstance(request["source_port"], int)


def test_lists_the_error_of_a_refused_request(local_stripe: LocalStripe) -> None:
    refusal(colour="red")
    [request] = local_stripe.requests()
    assert request["status"] == 400
    assert isinstance(request["error"], dict)
    assert request["error"]["code"] == "parameter_unknown"


def test_overview_shows_events(local_stripe: LocalStripe) -> None:
    session = create()
    local_stripe.pay(session)
    page = local_stripe.http.get("/_sandbox/").text
    assert "checkout.session.completed" in page
    assert "no money moves" in page


def test_pays_without_a_browser(listening: LocalStripe, shop: Receiver) -> None:
    session = create()
    answer = listening.tell(f"sessions/{session.id}/pay", email="ada@example.com").json()
    assert answer["redirect_url"] == f"https://shop.example/return?session_id={session.id}"
    assert answer["session"]["payment_status"] == "paid"
    assert answer["session"]["customer_details"]["email"] == "ada@example.com"
    assert len(shop.deliveries) == 1


def test_declines_without_a_browser(local_stripe: LocalStripe) -> None:
    session = create()
    answer = local_stripe.tell(f"sessions/{session.id}/pay", card="4000000000000002")
    assert answer.status_code == 402
    assert answer.json() == {"error": {"message": "Your card was declined."}}


def test_pays_only_open_sessions(local_stripe: LocalStripe) -> None:
    session = create().expire()
    assert local_stripe.tell(f"sessions/{session.id}/pay").status_code == 409


def test_forgets_everything_on_reset(local_stripe: LocalStripe) -> None:
    session = create()
    local_stripe.configure(latency=5)
    local_stripe.tell("reset")
    assert local_stripe.requests() == []
    with pytest.raises(stripe.InvalidRequestError, match="No such checkout"):
        stripe.checkout.Session.retrieve(session.id)


def test_fails_count_times(local_stripe: LocalStripe) -> None:
    local_stripe.configure(faults=[{"status": 500, "count": 2}])
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            create()
    assert create().status == "open"


def test_answers_429_on_demand(local_stripe: LocalStripe) -> None:
    local_stripe.configure(faults=[{"status": 429}])
    with pytest.raises(stripe.RateLimitError):
        create()


def test_fails_only_matching_calls(local_stripe: LocalStripe) -> None:
    local_stripe.configure(faults=[{"status": 500, "method": "POST"}])
    assert stripe.Event.list().data == []
    with pytest.raises(stripe.APIError):
        create()


def test_drops_a_call_before_it_acts(local_stripe: LocalStripe) -> None:
    local_stripe.configure(faults=[{"drop": "before"}])
    with pytest.raises(stripe.APIConnectionError):
        create()
    assert local_stripe.http.get("/_sandbox/sessions").json() == {"sessions": []}


def test_drops_a_call_after_it_acted(local_stripe: LocalStripe) -> None:
    local_stripe.configure(faults=[{"drop": "after"}])
    with pytest.raises(stripe.APIConnectionError):
        create(idempotency_key="order-7")
    [session] = local_stripe.http.get("/_sandbox/sessions").json()["sessions"]
    assert create(idempotency_key="order-7").id == session["id"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"colour": "red"},
        {"latency": "slow"},
        {"faults": [{"status": 500, "drop": "before"}]},
        {"faults": [{"colour": "red"}]},
    ],
)
def test_refuses_an_invalid_configuration(
    local_stripe: LocalStripe, wanted: dict[str, object]
) -> None:
    assert local_stripe.tell("config", **wanted).status_code == 400


def test_unknown_id_is_404(local_stripe: LocalStripe) -> None:
    assert local_stripe.tell("sessions/cs_test_nothing/pay").status_code == 404
    assert local_stripe.tell("events/evt_nothing/deliver").status_code == 404
