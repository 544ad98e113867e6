"""Sessions that ask the buyer for a phone number, a tax ID or consent to the terms."""

from typing import Any

import pytest
import stripe

from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, refusal

TERMS = "https://shop.example/terms"
ALL = {
    "phone_number_collection": {"enabled": True},
    "tax_id_collection": {"enabled": True},
    "consent_collection": {"terms_of_service": "required"},
}
CARD = {"email": "ada@example.com", "card": "4242424242424242"}
FILLED_IN = CARD | {"phone": "+15551234567", "tax_id": "DE123456789", "accepts_terms": "on"}


def retrieved(session: stripe.checkout.Session) -> dict[str, Any]:
    found: dict[str, Any] = stripe.checkout.Session.retrieve(session.id).to_dict()
    return found


def test_asks_for_nothing_unless_it_is_told_to(local_stripe: LocalStripe) -> None:
    session = create()
    sent = retrieved(session)
    assert sent["phone_number_collection"] == {"enabled": False}
    assert sent["consent_collection"] is None
    assert "tax_id_collection" not in sent
    page = local_stripe.http.get(str(session.url)).text
    assert not any(f'name="{name}"' in page for name in ("phone", "tax_id", "accepts_terms"))


def test_the_buyers_answers_are_in_the_session(local_stripe: LocalStripe) -> None:
    local_stripe.configure(terms_url=TERMS)
    session = create(**ALL)
    page = local_stripe.http.get(str(session.url)).text
    assert all(f'name="{name}"' in page for name in ("phone", "tax_id", "accepts_terms"))
    assert f'href="{TERMS}"' in page
    assert local_stripe.http.post(str(session.url), data=FILLED_IN).status_code == 303
    sent = retrieved(session)
    assert sent["customer_details"]["phone"] == "+15551234567"
    assert sent["customer_details"]["tax_ids"] == [{"type": "unknown", "value": "DE123456789"}]
    assert sent["consent"] == {"promotions": None, "terms_of_service": "accepted"}
    assert sent["tax_id_collection"] == {"enabled": True, "required": "never"}


@pytest.mark.parametrize("left_out", ["phone", "accepts_terms"])
def test_phone_and_consent_are_required(local_stripe: LocalStripe, left_out: str) -> None:
    local_stripe.configure(terms_url=TERMS)
    session = create(**ALL)
    form = {name: value for name, value in FILLED_IN.items() if name != left_out}
    answer = local_stripe.http.post(str(session.url), data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert retrieved(session)["status"] == "open"


def test_consent_is_refused_without_terms_in_the_dashboard(local_stripe: LocalStripe) -> None:
    error = refusal(consent_collection={"terms_of_service": "required"})
    assert "unless a URL is set in the Stripe Dashboard" in str(error)
    assert create(consent_collection={"terms_of_service": "none"}).status == "open"
    local_stripe.configure(terms_url=TERMS)
    assert create(consent_collection={"terms_of_service": "required"}).status == "open"


def test_other_values_are_refused(local_stripe: LocalStripe) -> None:
    assert "not implement" in str(refusal(consent_collection={"promotions": "auto"}))
    wanted = {"enabled": True, "required": "if_supported"}
    assert "not implement" in str(refusal(tax_id_collection=wanted))
    assert refusal(phone_number_collection={"enabled": "maybe"})


def test_the_control_address_accepts_the_terms(local_stripe: LocalStripe) -> None:
    local_stripe.configure(terms_url=TERMS)
    session = create(**ALL)
    refused = local_stripe.tell(f"sessions/{session.id}/pay", accepts_terms=False)
    assert refused.status_code == 422
    assert local_stripe.tell(f"sessions/{session.id}/pay").status_code == 200
    assert retrieved(session)["customer_details"]["phone"] == "+15555550123"
