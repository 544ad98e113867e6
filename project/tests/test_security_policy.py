"""One content security policy for the whole shop, a stricter one for the admin."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from store.models import Item

SHOP_POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self' https://checkout.stripe.com; object-src 'none'; "
    "script-src 'self' https://js.stripe.com https://*.js.stripe.com; "
    "connect-src 'self' https://api.stripe.com https://link.com https://*.link.com; "
    "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com "
    "https://link.com https://*.link.com"
)
ADMIN_POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'; object-src 'none'"
)
# The policy also has the origins of the local Stripe: its API, Stripe.js and the frames.
LOCAL_ORIGINS = {
    "form-action": "{api}",
    "script-src": "{js} {frames}",
    "connect-src": "{api}",
    "frame-src": "{js} {frames}",
}


def shop_addresses() -> list[str]:
    values = {"item_id": 1, "line_id": 1, "token": "a" * 32, "slug": "about", "fingerprint": "0"}
    values |= {"part": 0}
    return [
        reverse(f"{app}:{each.name}", kwargs={n: values[n] for n in each.pattern.converters})
        for app in ("store", "cart", "payments", "notifications")
        for each in patterns_of(app)
    ]


def patterns_of(app: str) -> list[URLPattern]:
    resolvers = [each for each in get_resolver().url_patterns if isinstance(each, URLResolver)]
    patterns = next(each.url_patterns for each in resolvers if each.app_name == app)
    return [each for each in patterns if isinstance(each, URLPattern)]


def policies(answer: Any) -> tuple[str, str]:
    headers = answer.headers
    return headers["Content-Security-Policy"], headers["Cross-Origin-Opener-Policy"]


def expect_shop_policies(answer: Any) -> None:
    policy, opener_policy = policies(answer)
    js = settings.STRIPE_JS_URL.removesuffix("/v3/")
    known = {"api": settings.STRIPE_API_BASE, "js": js, "frames": js.replace("//", "//*.")}
    expected = []
    for directive in SHOP_POLICY.split("; "):
        local = LOCAL_ORIGINS.get(directive.split()[0])
        expected.append(f"{directive} {local.format(**known)}" if local else directive)
    assert policy.split("; ") == expected
    assert opener_policy == "same-origin-allow-popups"


@pytest.mark.parametrize("method", ["get", "post", "put"])
@pytest.mark.parametrize("address", [*shop_addresses(), "/?currency=XXX", "/robots.txt"])
def test_every_address_of_the_shop_has_the_same_policies(
    client: Client, db: None, address: str, method: str
) -> None:
    expect_shop_policies(getattr(client, method)(address))


def test_an_item_that_is_shown_has_them_too(client: Client, item: Item) -> None:
    expect_shop_policies(client.get(f"/item/{item.pk}"))


@pytest.mark.parametrize(
    ("address", "fields", "status"),
    [
        ("/nothing", None, 404),
        ("/?after=x", None, 400),
        ("/order/lines", {"item": 404404}, 404),
        ("/order/buy", {}, 422),
    ],
)
def test_error_pages_have_them_too(
    client: Client, db: None, address: str, fields: dict[str, Any] | None, status: int
) -> None:
    answer = client.get(address) if fields is None else client.post(address, fields)
    assert answer.status_code == status
    expect_shop_policies(answer)


def test_a_refused_form_and_a_failure_have_them_too(
    item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    other = {"Sec-Fetch-Site": "cross-site"}
    refused = strict.post("/order/lines", {"item": item.pk}, headers=other)
    assert refused.status_code == 403
    expect_shop_policies(refused)
    monkeypatch.setattr("store.views.render_page", None)
    failed = strict.get("/")
    assert failed.status_code == 500
    expect_shop_policies(failed)


@pytest.mark.parametrize("address", ["/admin/", "/admin/store/item/", "/admin/nothing/"])
def test_the_admin_allows_nothing_of_stripe(admin_client: Client, address: str) -> None:
    assert policies(admin_client.get(address)) == (ADMIN_POLICY, "same-origin")


def test_the_admins_login_is_as_strict(client: Client, db: None) -> None:
    assert policies(client.get("/admin/login/")) == (ADMIN_POLICY, "same-origin")


def test_djangos_debug_page_keeps_its_style(admin_client: Client, settings: Any) -> None:
    settings.DEBUG = True
    answer = admin_client.get("/admin/nothing/")
    assert answer.status_code == 404
    assert "Content-Security-Policy" not in answer
