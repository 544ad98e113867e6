"""Store the country and the shipping rate that a buyer chose: by Update, or by Buy without it."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from cart import editing
from cart.cart_page import shipping_summary
from cart.forms import ShippingForm, first_error
from cart.models import Order
from cart.quote import Quote, quote_order
from cart.shipping import ShippingRefused


class ShippingChosen(Exception):
    """The choice that was sent with Buy is stored, and the buyer must see the new total first."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(quote.order)
        self.message = f"{shipping_summary(quote)} {_('Check it, then pay.')}"


def choose_shipping(request: HttpRequest, currency: str) -> Quote:
    """Store the posted choice in the cart of `currency`; return its new quote.

    Raises ShippingRefused.
    """
    form = ShippingForm(request.POST)
    if not form.is_valid():
        raise ShippingRefused(first_error(form))
    country, rate_id = form.cleaned_data["country"], form.cleaned_data["shipping_rate"]
    now = timezone.now()
    with editing.cart_for(request, currency, at=now) as order:
        editing.choose_shipping(order, country=country, rate_id=rate_id, at=now)
    return quote_order(order, at=now)


def store_choice_sent_with_buy(request: HttpRequest, order: Order) -> None:
    """Store a choice that the buyer made without pressing Update, as without scripts.

    Raises ShippingChosen, ShippingRefused.
    """
    sent, fields = request.POST, [("shown_country", "country"), ("shown_rate", "shipping_rate")]
    if any(sent.get(shown, "") != sent.get(chosen, "") for shown, chosen in fields):
        raise ShippingChosen(choose_shipping(request, order.currency))
