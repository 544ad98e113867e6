"""The local Stripe, as a test sees it: its control address and its payment page."""

import httpx
import stripe


class LocalStripe:
    """Calls the control address, and pays on the payment page."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=120)

    def tell(self, path: str, **wanted: object) -> httpx.Response:
        return self.http.post(f"/_sandbox/{path}", json=wanted)

    def configure(self, **wanted: object) -> None:
        self.tell("config", **wanted).raise_for_status()

    def requests(self) -> list[dict[str, object]]:
        return list(self.http.get("/_sandbox/requests").json()["requests"])

    def events(self, about: str = "") -> list[dict[str, object]]:
        events = self.http.get("/_sandbox/events").json()["events"]
        return [event for event in events if event["type"].startswith(about)]

    def pay(self, session: stripe.checkout.Session, **typed: str) -> httpx.Response:
        form = {"email": "buyer@example.com", "card": "4242 4242 4242 4242"} | typed
        return self.http.post(str(session.url), data=form)
