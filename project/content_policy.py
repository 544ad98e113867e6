"""The content security policies of the admin and of the shop's pages."""

from django.utils.csp import CSP

from web.addresses import origin

STRIPE_JS = ["https://js.stripe.com", "https://*.js.stripe.com"]
LINK = ["https://link.com", "https://*.link.com"]


def admin_policy() -> dict[str, list[str]]:
    return {
        "default-src": [CSP.SELF],
        "img-src": [CSP.SELF, "data:"],
        "base-uri": [CSP.NONE],
        "frame-ancestors": [CSP.NONE],
        "form-action": [CSP.SELF],
        "object-src": [CSP.NONE],
    }


def shop_policy(
    *, api_base: str, stripe_js: str, checkout_domains: list[str]
) -> dict[str, list[str]]:
    """One policy for every page of the shop, since any of them may show a Buy button.

    It has what Stripe asks for (https://docs.stripe.com/security/guide#content-security-policy),
    and the same of the local Stripe: `api_base` is empty without it.
    """
    local_api = [origin(api_base)] if api_base else []
    local_js = [origin(stripe_js), origin(stripe_js).replace("://", "://*.", 1)]
    local_js = [each for each in local_js if each not in STRIPE_JS]
    domains = [f"https://{domain}" for domain in checkout_domains]
    return admin_policy() | {
        "script-src": [CSP.SELF, *STRIPE_JS, *local_js],
        "connect-src": [CSP.SELF, "https://api.stripe.com", *LINK, *local_api],
        "frame-src": [*STRIPE_JS, "https://hooks.stripe.com", *LINK, *local_js],
        "form-action": [CSP.SELF, "https://checkout.stripe.com", *domains, *local_api],
    }
