import functools
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.translation import get_language_info

from cart.visitor import quantity_in_cart
from project.version import version
from store.models import Collection, Page, Shop


def shop(request: HttpRequest) -> dict[str, Any]:
    """Variables of all pages. The callables run only where a template uses them."""
    return {
        "STRIPE_JS_URL": settings.STRIPE_JS_URL,  # the address of Stripe.js
        "PAYMENT_METHODS": settings.PAYMENT_METHODS,
        "cart_quantity": functools.cache(lambda: _quantity_in_cart(request)),
        "shop": functools.cache(lambda: _shop(request)),
        "footer_pages": functools.cache(_footer_pages),
        "header_collections": functools.cache(_header_collections),
        "languages": _languages(),
        "shop_version": version,  # in the admin's footer
    }


@functools.cache  # {% kept %} needs the same list each time
def _languages() -> list[Any]:
    return [get_language_info(code) for code, _name in settings.LANGUAGES]


def _shop(request: HttpRequest) -> Shop:
    """The page of an error may be the page of a database that doesn't answer.

    Staff see a change at once, also one that another process has stored.
    """
    if request.path_info.startswith("/admin/"):
        Shop.forget()
    try:
        return Shop.current()
    except DatabaseError:
        return Shop.last_known()


def _footer_pages() -> list[Page]:
    try:
        return Page.footer()
    except DatabaseError:
        return []


def _header_collections() -> list[Collection]:
    try:
        return Collection.in_header()
    except DatabaseError:
        return []


def _quantity_in_cart(request: HttpRequest) -> int:
    """The page of an error may be rendered before SessionMiddleware has run."""
    return quantity_in_cart(request) if hasattr(request, "session") else 0
