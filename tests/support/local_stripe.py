"""The local Stripe, by the real library and by its control address."""

from typing import Any, Self

import stripe

from tests.support import http

DEFAULT_KEY = "sk_test_minicart"


def to(
    country: str, *, name: str = "Ada Buyer", phone: str = "+15555550123", **address: str
) -> dict[str, Any]:
    """Shipping details that a buyer enters; the local Stripe adds what the address lacks."""
    return {"name": name, "phone": phone, "address": {"country": country, **address}}


class LocalStripe:
    def __init__(self, address: str) -> None:
        self.address = address
        self.http = http.Client(base_url=address)
        self._clients: dict[str, stripe.StripeClient] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def _control(self, method: str, path: str, /, **json: Any) -> Any:
        answer = self.http.request(method, f"/_sandbox{path}", json=json or None)
        answer.raise_for_status()
        return answer.json()

    def _client(self, key: str) -> stripe.StripeClient:
        """One for each key, because each new one reads all certificates of the machine."""
        if key not in self._clients:
            self._clients[key] = stripe.StripeClient(key, base_addresses={"api": self.address})
        return self._clients[key]

    def reset(self) -> None:
        self._control("POST", "/reset")

    def all_sessions(self) -> list[dict[str, Any]]:
        """Oldest first, of every account."""
        sessions: list[dict[str, Any]] = self._control("GET", "/sessions")["sessions"]
        return sessions

    def requests(self, method: str, path: str) -> list[dict[str, Any]]:
        """The shop's calls, oldest first."""
        return [
            each for each in self.all_requests() if (each["method"], each["path"]) == (method, path)
        ]

    def all_requests(self) -> list[dict[str, Any]]:
        """All calls of the shop, oldest first."""
        requests: list[dict[str, Any]] = self._control("GET", "/requests")["requests"]
        return requests

    def key_of(self, session_id: str) -> str:
        """The secret key of the account that the session belongs to."""
        account = next(each for each in self.all_sessions() if each["id"] == session_id)["account"]
        return f"sk_test_{account}"

    def session(self, session_id: str, key: str = DEFAULT_KEY) -> dict[str, Any]:
        return self._client(key).v1.checkout.sessions.retrieve(session_id).to_dict()

    def token_of(self, session_id: str) -> str:
        """The token of the order that a session is for."""
        session = self.session(session_id, key=self.key_of(session_id))
        return str(session["success_url"]).split("/")[-2]

    def pay(self, session_id: str, email: str = "buyer@shop.example", **how: Any) -> None:
        """By card, with an `iban`, or by another `method`.

        `shipping=to("DE")` is the address that the buyer enters, with the phone number. By default,
        it is one in the first country that the session allows.
        """
        self._control("POST", f"/sessions/{session_id}/pay", email=email, **how)

    def intents(self) -> list[dict[str, Any]]:
        """Oldest first, of every account."""
        intents: list[dict[str, Any]] = self._control("GET", "/payment_intents")["payment_intents"]
        return intents

    def intent(self, intent_id: str, key: str = "") -> dict[str, Any]:
        """A payment intent, by the key of its account where none is given."""
        if not key:
            account = next(i["account"] for i in self.intents() if i["id"] == intent_id)
            key = f"sk_test_{account}"
        return self._client(key).v1.payment_intents.retrieve(intent_id).to_dict()

    def newest_debit(self) -> str:
        """The newest debit that waits for its bank; earlier tests may have left older ones."""
        return str([each for each in self.intents() if each["status"] == "processing"][-1]["id"])

    def coupon_ids(self, key: str = DEFAULT_KEY) -> list[str]:
        """The coupons that the account has."""
        coupons = self._client(key).v1.coupons.list({"limit": 100})
        return [coupon.id for coupon in coupons.auto_paging_iter()]

    def pay_intent(self, intent_id: str, *, status: int = 200, **how: Any) -> None:
        """With a `card`, an `iban` or a `method` without a number, as in Stripe's form.

        `shipping=to("DE")` is what the Address Element sends; without it, there is none.
        """
        answer = self.http.post(f"/_sandbox/payment_intents/{intent_id}/pay", json=how)
        assert answer.status_code == status, answer.text

    def finish_delayed(self, intent_id: str, *, succeed: bool = True) -> None:
        """Ends the wait of a debit, or pays a voucher; without `succeed` it expires."""
        self._control("POST", f"/payment_intents/{intent_id}/finish", succeed=succeed)

    def refund(self, intent_id: str, amount: int | None = None) -> str:
        """Refunds in Stripe's dashboard; returns the refund's id."""
        how = {"payment_intent": intent_id} | ({"amount": amount} if amount else {})
        return str(self._control("POST", "/refund", **how)["refund"]["id"])

    def refunds(self) -> list[dict[str, Any]]:
        refunds: list[dict[str, Any]] = self._control("GET", "/refunds")["refunds"]
        return refunds

    def finish_refund(self, refund_id: str, status: str) -> None:
        self._control("POST", f"/refunds/{refund_id}/finish", status=status)

    def dispute(self, intent_id: str, *, is_inquiry: bool = False) -> str:
        """Opens a dispute, or an inquiry before one; returns its id."""
        status = "warning_needs_response" if is_inquiry else "needs_response"
        wanted = {"payment_intent": intent_id, "status": status}
        return str(self._control("POST", "/disputes", **wanted)["dispute"]["id"])

    def close_dispute(self, dispute_id: str, status: str) -> None:
        self._control("POST", f"/disputes/{dispute_id}/close", status=status)

    def warn_of_fraud(self, intent_id: str) -> str:
        """Sends an early fraud warning; returns its id."""
        sent = self._control("POST", "/fraud_warnings", payment_intent=intent_id)
        return str(sent["fraud_warning"]["id"])

    def expire(self, session_id: str) -> None:
        self._control("POST", f"/sessions/{session_id}/expire")

    def fail(self, *, calls: int = 1, **fault: Any) -> None:
        """The next `calls` answer with a `status`, or `drop` before or after their effect."""
        faults = [{"count": calls, **fault}] if calls else []
        self._control("POST", "/config", faults=faults)

    def deliver_events(self, is_on: bool) -> None:
        self._control("POST", "/config", webhooks=is_on)

    def slow_down(self, seconds: float) -> None:
        self._control("POST", "/config", latency=seconds)

    def configure(self, **options: Any) -> None:
        self._control("POST", "/config", **options)
