import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create


def test_refuses_a_call_without_a_key(local_stripe: LocalStripe) -> None:
    answer = local_stripe.http.get("/v1/events")
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert "You did not provide an API key." in answer.json()["error"]["message"]
    assert answer.headers["Request-Id"].startswith("req_")


@pytest.mark.usefixtures("local_stripe")
def test_refuses_a_garbled_key() -> None:
    with pytest.raises(stripe.AuthenticationError, match=r"Invalid API Key provided: nonsense\*"):
        create(api_key="nonsense-key")


@pytest.mark.usefixtures("local_stripe")
def test_refuses_a_live_key() -> None:
    with pytest.raises(stripe.AuthenticationError, match="accepts test keys only"):
        create(api_key="sk_live_1234")


@pytest.mark.usefixtures("local_stripe")
def test_refuses_a_publishable_key() -> None:
    with pytest.raises(stripe.PermissionError) as caught:
        create(api_key="pk_test_main")
    assert isinstance(caught.value.json_body, dict)
    assert caught.value.json_body["error"]["code"] == "secret_key_required"


def test_accepts_basic_authentication(local_stripe: LocalStripe) -> None:
    assert local_stripe.http.get("/v1/events", auth=("sk_test_main", "")).status_code == 200


@pytest.mark.usefixtures("local_stripe")
def test_refuses_connected_accounts() -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not implement the Stripe-Account"):
        create(stripe_account="acct_1")


@pytest.mark.usefixtures("local_stripe")
def test_names_an_unknown_address() -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe.Customer.create()
    assert caught.value.http_status == 404
    assert "Unrecognized request URL (POST: /v1/customers)" in str(caught.value)
