"""A buyer as an HTTP client with cookies, at any of the shop's processes."""

from random import Random
from typing import Any

import httpx

from tests.support.clusters import Cluster
from tests.support.waiting import LIMIT_SECONDS

# Shared connections, because opening them would take most of the time of thousands of buyers. The
# pool must not close idle ones: another thread may just have been given one of them.
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=None)


def transport() -> httpx.HTTPTransport:
    return httpx.HTTPTransport(limits=LIMITS)


class Visitor:
    def __init__(
        self, cluster: Cluster, connections: httpx.HTTPTransport, random: Random | None = None
    ) -> None:
        self.random = random or Random()  # noqa: S311  # not a secret
        self.addresses = cluster.addresses
        # It is never closed, because that would close the connections of all buyers.
        self.http = httpx.Client(
            transport=connections,
            trust_env=False,
            timeout=LIMIT_SECONDS,
            headers={"Sec-Fetch-Site": "same-origin", "Accept": "application/json"},
        )

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(self.random.choice(self.addresses) + path, **options)

    def post(self, path: str, **form: Any) -> httpx.Response:
        return self.http.post(self.random.choice(self.addresses) + path, data=form)

    def add(self, item: int, quantity: int = 1) -> httpx.Response:
        return self.post("/order/lines", item=item, quantity=quantity)

    def apply(self, code: str, currency: str = "USD") -> httpx.Response:
        return self.post("/order/discount", code=code, currency=currency)
