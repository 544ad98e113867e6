"""The answers to Buy and "Pay here": JSON for the page's script, a redirect for a plain form."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from payments.checkout import OpenCheckout, return_url
from payments.errors import ErrorAnswer
from payments.stripe_api.checkout_sessions import CheckoutSession
from web.http import SeeOther


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's script asks. A plain form accepts every type, but doesn't name JSON."""
    return request.method == "GET" or "application/json" in request.headers.get("Accept", "")


def opened_answer(request: HttpRequest, opened: OpenCheckout) -> HttpResponse:
    if not wants_json(request) and isinstance(opened.stripe_payment, CheckoutSession):
        return SeeOther(opened.stripe_payment.url)
    return opened_as_json(opened)


def opened_as_json(opened: OpenCheckout) -> HttpResponse:
    """What the page's script needs to go to Checkout, or to show the Payment Element."""
    fields: dict[str, str | int | bool]
    stripe_payment = opened.stripe_payment
    if isinstance(stripe_payment, CheckoutSession):
        fields = {"id": stripe_payment.id, "url": stripe_payment.url}
    else:
        fields = {
            "client_secret": stripe_payment.client_secret,
            "amount": stripe_payment.amount,
            "currency": stripe_payment.currency,
            "return_url": return_url(opened.order),
            "cancel_url": reverse("payments:cancel-payment", args=[opened.order.token]),
        }
        if country := opened.order.shipping_country:
            fields["shipping_country"] = country
            fields["asks_phone_number"] = settings.CHECKOUT_PHONE_NUMBER
    fields["publishable_key"] = opened.account.publishable_key
    return JsonResponse(fields, headers={"X-Robots-Tag": "noindex"})


def refused_as_json(answer: ErrorAnswer) -> HttpResponse:
    error = {"code": answer.code, "message": answer.message}
    return with_retry_after(JsonResponse({"error": error}, status=answer.status), answer)


def with_retry_after(response: HttpResponse, answer: ErrorAnswer) -> HttpResponse:
    if answer.retry_after is not None:
        response["Retry-After"] = str(answer.retry_after)
    return response
