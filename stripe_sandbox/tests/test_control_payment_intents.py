from stripe_sandbox.tests.support.local_stripe import LocalStripe
from stripe_sandbox.tests.support.sessions import create, create_intent, line

IBAN = "DE89370400440532013000"
BANK_CARD = "4000002500003155"


def test_lists_the_intents_of_all_accounts(local_stripe: LocalStripe) -> None:
    create_intent()
    create_intent(api_key="sk_test_other")
    intents = local_stripe.http.get("/_sandbox/payment_intents").json()["payment_intents"]
    assert [each["account"] for each in intents] == ["main", "other"]


def test_overview_shows_intents(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    assert intent.id[:18] in local_stripe.http.get("/_sandbox/").text


def test_pays_an_intent(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    answer = local_stripe.tell(f"payment_intents/{intent.id}/pay", email="ada@example.com").json()
    assert (answer["payment_intent"]["status"], answer["redirect_url"]) == ("succeeded", None)
    again = local_stripe.tell(f"payment_intents/{intent.id}/pay")
    assert again.status_code == 409


def test_declines_an_intent(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    answer = local_stripe.tell(f"payment_intents/{intent.id}/pay", card="4000000000009995")
    assert answer.status_code == 402
    assert answer.json()["error"]["decline_code"] == "insufficient_funds"


def test_refuses_a_debit_in_dollars(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    assert local_stripe.tell(f"payment_intents/{intent.id}/pay", iban=IBAN).status_code == 422


def test_debits_an_account(local_stripe: LocalStripe) -> None:
    intent = create_intent(currency="eur")
    answer = local_stripe.tell(f"payment_intents/{intent.id}/pay", iban=IBAN).json()
    assert answer["payment_intent"]["status"] == "processing"


def test_authenticates_an_intent(local_stripe: LocalStripe) -> None:
    intent = create_intent()
    path = f"payment_intents/{intent.id}"
    page = local_stripe.tell(f"{path}/pay", card=BANK_CARD).json()["redirect_url"]
    assert page == f"{local_stripe.url}/3d_secure/{intent.id}"
    answer = local_stripe.tell(f"{path}/authenticate", succeed=True).json()
    assert answer["payment_intent"]["status"] == "succeeded"
    assert "redirect_status=succeeded" in answer["redirect_url"]
    assert local_stripe.tell(f"{path}/authenticate", succeed=True).status_code == 409


def test_pays_a_session_with_three_d_secure(local_stripe: LocalStripe) -> None:
    path = f"sessions/{create().id}"
    answer = local_stripe.tell(f"{path}/pay", card=BANK_CARD, authenticate=True).json()
    assert answer["session"]["payment_status"] == "paid"


def test_authenticates_a_session(local_stripe: LocalStripe) -> None:
    path = f"sessions/{create().id}"
    assert local_stripe.tell(f"{path}/authenticate", succeed=True).status_code == 409
    answer = local_stripe.tell(f"{path}/pay", card=BANK_CARD).json()
    assert "/3d_secure/" in answer["redirect_url"]
    failed = local_stripe.tell(f"{path}/authenticate", succeed=False).json()
    assert failed["session"]["status"] == "open"
    assert failed["redirect_url"] == failed["session"]["url"]


def test_debits_for_a_session(local_stripe: LocalStripe) -> None:
    session = create(line_items=[line(currency="eur")])
    answer = local_stripe.tell(f"sessions/{session.id}/pay", iban=IBAN).json()
    assert (answer["session"]["status"], answer["session"]["payment_status"]) == (
        "complete",
        "unpaid",
    )
