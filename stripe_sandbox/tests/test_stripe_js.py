import pytest

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create


@pytest.mark.parametrize("path", ["/v3/", "/v3"])
def test_serves_the_script(local_stripe: LocalStripe, path: str) -> None:
    answer = local_stripe.http.get(path)
    assert answer.headers["Content-Type"].startswith("application/javascript")
    assert "redirectToCheckout" in answer.text


def test_returns_the_address_of_the_payment_page(local_stripe: LocalStripe) -> None:
    session = create()
    answer = local_stripe.http.get(f"/v3/sessions/{session.id}?key=pk_test_main")
    assert answer.json() == {"url": session.url}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_refuses_the_key_of_another_account(local_stripe: LocalStripe) -> None:
    session = create()
    answer = local_stripe.http.get(f"/v3/sessions/{session.id}?key=pk_test_other")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == f"No such checkout.session: '{session.id}'"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_refuses_a_secret_key(local_stripe: LocalStripe) -> None:
    session = create()
    answer = local_stripe.http.get(f"/v3/sessions/{session.id}?key=sk_test_main")
    assert answer.status_code == 401


def test_refuses_a_session_that_is_closed(local_stripe: LocalStripe) -> None:
    session = create().expire()
    answer = local_stripe.http.get(f"/v3/sessions/{session.id}?key=pk_test_main")
    assert answer.status_code == 400
