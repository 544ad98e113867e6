"""Show the receipt of an order, or what the order waits for."""

from django.db.models import prefetch_related_objects
from django.http import HttpResponse

from cart.models import Order, State
from cart.next_step import next_step
from cart.visitor import visitor_of
from web.http import HtmxRequest, render_page

MAX_POLLS = 10


def masked(email: str) -> str:
    """As much of an address as its owner needs to recognise it: a…@shop.example."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}…{at}{domain}" if at else ""


def receipt_page(
    request: HtmxRequest, order: Order, *, poll: int = 0, error: str = "", status: int = 200
) -> HttpResponse:
    """Show the receipt with `error` above it; a waiting page polls up to MAX_POLLS times."""
    prefetch_related_objects([order], "lines__item__pictures", "taxes")
    address = getattr(order, "shipping_address", None)
    context = {
        "order": order,
        "masked_email": masked(order.email),
        "city": address.city if address else "",
        "next_step": next_step(order) if order.state == State.PAID else None,
        "is_own": order.visitor and order.visitor == visitor_of(request),
        "next_poll": poll + 1 if order.is_waiting and poll < MAX_POLLS else None,
        "has_changed": request.GET.get("state") != order.state,
        "error": error,
    }
    template = "cart/order_status.html"
    response = render_page(request, template, context, fragment="order-changed", status=status)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"  # the address is the key to the receipt
    return response
