"""Requests as browsers send them, and visitors with a cart, an open payment or a login."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from types import MappingProxyType
from urllib.parse import urlencode

from bench.shop import Shop
from tests.support import http

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Sec-Fetch-Site": "same-origin",
}
HTMX = {"HX-Request": "true", "Accept": "*/*"}
JSON = {"Accept": "application/json"}
FORM_TYPE = "application/x-www-form-urlencoded"


def request(
    shop: Shop,
    path: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    form: dict[str, object] | None = None,
    cookie: str = "",
    body: bytes = b"",
) -> bytes:
    """The bytes of a GET, or of a POST where there is a `form` or a `body`.

    `headers` replace those that every browser sends.
    """
    sent = {"Host": f"127.0.0.1:{shop.port}", **BROWSER, **headers}
    if cookie:
        sent["Cookie"] = cookie
    if form is not None:
        body = urlencode(form).encode()
        sent["Content-Type"] = FORM_TYPE
    if body:
        sent["Content-Length"] = str(len(body))
    lines = [f"{'POST' if body else 'GET'} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in sent.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def new_address() -> dict[str, str]:
    """What a proxy says about a visitor's address. Each visitor has another one."""
    return {"X-Forwarded-For": str(IPv4Address(secrets.randbits(24) | 10 << 24))}


def add_form(item: int) -> dict[str, object]:
    return {"item": item, "submission_id": secrets.token_hex(16)}


def cart_cookie(shop: Shop, items: Sequence[int]) -> str:
    """The cookie of a new visitor who has put these items into the cart."""
    with http.Client(base_url=shop.address, headers=BROWSER | HTMX) as client:
        for item in items:
            client.post("/order/lines", data=add_form(item)).raise_for_status()
        return _cookies(client.cookies)


def staff_cookie(shop: Shop) -> str:
    """The cookie of a new member of staff."""
    name, password = secrets.token_hex(8), secrets.token_hex(16)
    shop.shell.run(
        "from django.contrib.auth.models import User\n"
        f"User.objects.create_superuser('{name}', password='{password}')"
    )
    with http.Client(base_url=shop.address, headers=BROWSER) as client:
        login = {"username": name, "password": password, "next": "/admin/"}
        client.post("/admin/login/", data=login)
        client.get("/admin/").raise_for_status()
        return _cookies(client.cookies)


def _cookies(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


@dataclass(frozen=True)
class OpenPayment:
    """A visitor's session at the shop, and the one at the local Stripe."""

    cookie: str
    session_id: str


def pressed_buy(shop: Shop) -> OpenPayment:
    """A new visitor who has pressed Buy and not yet paid."""
    with http.Client(base_url=shop.address, headers=BROWSER | JSON | new_address()) as client:
        session_id = client.get(f"/buy/{shop.item}").raise_for_status().json()["id"]
        return OpenPayment(_cookies(client.cookies), session_id)
