from django.conf import settings
from django.http import HttpRequest


def stripe_js(request: HttpRequest) -> dict[str, str]:
    """Where pages that can pay load Stripe.js from."""
    return {"STRIPE_JS_URL": settings.STRIPE_JS_URL}
