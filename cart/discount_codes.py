"""Apply the code that a buyer typed: when Apply is pressed, or Buy without Apply before it."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from cart import editing
from cart.forms import DiscountCodeForm, first_error
from cart.freezing import EmptyOrder
from cart.models import DiscountRefused, Order, normalized_code
from cart.quote import Quote, quote_order
from store.templatetags.money import money
from web.rate_limit import limit


class CodeRefused(Exception):
    """The typed code can't be used; `message` says why to the buyer."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class CodeApplied(Exception):
    """The code that was sent with Buy is applied, and the buyer must see the new total first."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(quote.discount_code)
        self.message = f"{applied_message(quote)} {_('Check it, then pay.')}"


def applied_message(quote: Quote) -> str:
    """Return the sentence that names the applied code and the new total."""
    return _("Code %(code)s is applied. The total is now %(total)s.") % {
        "code": quote.discount_code,
        "total": money(quote.totals.total, quote.order.currency),
    }


def apply_code(request: HttpRequest, currency: str) -> Quote:
    """Apply the posted code to the cart of `currency`; return its new quote.

    The quote is empty if the cart turned out to be paid. Raises CodeRefused, and TooManyRequests so
    that nobody can try code after code.
    """
    form = DiscountCodeForm(request.POST)
    if not form.is_valid():
        raise CodeRefused(first_error(form))
    limit(request, "code", at_most=settings.CODE_RATE_LIMIT)
    now = timezone.now()
    try:
        with editing.cart_for(request, currency, at=now) as order:
            editing.apply_discount(order, code=form.cleaned_data["code"], at=now)
    except DiscountRefused as refused:
        raise CodeRefused(refused.message) from None
    return quote_order(order, at=now)


def apply_code_sent_with_buy(request: HttpRequest, order: Order) -> None:
    """Apply a code that the buyer typed without pressing Apply.

    A code that is applied, or that the page said can't be used, doesn't stop the buyer. Raises
    CodeApplied, CodeRefused, TooManyRequests.
    """
    known = ["", order.discount.code if order.discount else ""]
    known.append(normalized_code(request.POST.get("refused_code", "")))
    if normalized_code(request.POST.get("code", "")) not in known:
        quote = apply_code(request, order.currency)
        raise CodeApplied(quote) if quote.lines else EmptyOrder
