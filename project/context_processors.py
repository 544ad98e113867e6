import functools
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from cart.visitor import quantity_in_cart
from project.version import version


def shop(request: HttpRequest) -> dict[str, Any]:
    """Variables of all pages. The callables run only where a template uses them."""
    return {
        "STRIPE_JS_URL": settings.STRIPE_JS_URL,  # the address of Stripe.js
        "PAYMENT_METHODS": settings.PAYMENT_METHODS,
        "cart_quantity": functools.cache(lambda: _quantity_in_cart(request)),
        "shop_version": version,  # in the admin's footer
    }


def _quantity_in_cart(request: HttpRequest) -> int:
    """The page of an error may be rendered before SessionMiddleware has run."""
    return quantity_in_cart(request) if hasattr(request, "session") else 0
