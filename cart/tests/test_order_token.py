"""The URL converter order_token."""

import pytest
from django.urls import Resolver404, URLResolver, include, path
from django.urls.resolvers import RegexPattern

from cart.models.order import new_token

APPS = ["cart.urls", "payments.urls"]


def resolver_for(apps: list[str]) -> URLResolver:
    return URLResolver(RegexPattern(r"^/"), [path("", include(app)) for app in apps])


@pytest.mark.parametrize("apps", [APPS, APPS[::-1]])
@pytest.mark.parametrize(
    ("address", "view"),
    [
        ("/order/buy", "payments:buy-order"),
        ("/order/intent", "payments:create-order-intent"),
        ("/order/lines", "cart:add-line"),
        ("/order/discount", "cart:apply-discount"),
    ],
)
def test_a_word_is_not_taken_for_a_token(apps: list[str], address: str, view: str) -> None:
    assert resolver_for(apps).resolve(address).view_name == view


@pytest.mark.parametrize("apps", [APPS, APPS[::-1]])
def test_every_new_token_matches(apps: list[str]) -> None:
    resolver = resolver_for(apps)
    for token in (new_token() for _ in range(100)):
        status, back = (
            resolver.resolve(f"/order/{token}"),
            resolver.resolve(f"/order/{token}/return"),
        )
        assert (status.view_name, back.view_name) == ("cart:order-status", "payments:return")
        assert status.kwargs == back.kwargs == {"token": token}


@pytest.mark.parametrize(
    "token", ["a" * 31, "a" * 33, "a" * 31 + "ä", "a" * 31 + ".", "a" * 32 + "\n"]
)
def test_nothing_else_matches(token: str) -> None:
    with pytest.raises(Resolver404):
        resolver_for(APPS).resolve(f"/order/{token}")
