"""What a buyer is told when Buy can't go on: a code for programs, a sentence for people."""

import logging
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cart.holds import EmptyOrder, OrderChanged, SoldOut, TooManyLines
from cart.models import DiscountRefused
from payments.attempts import AlreadyPaid
from payments.stripe_api.errors import (
    AccountNotSetUp,
    AmountTooSmall,
    CallInFlight,
    StripeCallFailed,
    StripeUnavailable,
)
from web.rate_limit import TooManyRequests

logger = logging.getLogger(__name__)


class ItemNotFound(Exception):
    """No listed item has this number."""


class NotPressed(Exception):
    """A prefetch, or another site's page: nobody pressed Buy, so no order is made."""


class NotOffered(Exception):
    """The shop doesn't take this kind of payment (PAYMENT_METHODS)."""


class ChooseCurrency(Exception):
    """There are open orders in several currencies, and the request names none of them."""


REFUSED = (
    ItemNotFound,
    NotOffered,
    NotPressed,
    SoldOut,
    EmptyOrder,
    OrderChanged,
    TooManyLines,
    DiscountRefused,
    ChooseCurrency,
    AlreadyPaid,
    TooManyRequests,
    StripeCallFailed,
)


@dataclass(frozen=True)
class Refusal:
    code: str
    status: int
    message: str
    retry_after: int | None = None


def refusal(error: Exception) -> Refusal:
    """The answer to one of REFUSED."""
    match error:
        case ItemNotFound():
            return Refusal("not_found", 404, _("This item isn’t for sale (any more)."))
        case NotOffered():
            sentence = _("This shop doesn’t take this kind of payment. Choose another one.")
            return Refusal("not_offered", 404, sentence)
        case AlreadyPaid():
            sentence = _("This order is paid, or its payment is on its way. Don’t pay it again.")
            return Refusal("already_paid", 409, sentence)
        case SoldOut():
            return Refusal("sold_out", 409, _("Sorry, this item is sold out. Nothing was charged."))
        case EmptyOrder():
            return Refusal("cart_empty", 422, _("Your cart is empty."))
        case OrderChanged():
            sentence = _("Something in your cart has changed. Look at it, then press Buy again.")
            return Refusal("order_changed", 409, sentence)
        case TooManyLines():
            sentence = _("An order can have at most 100 different items. Please split it.")
            return Refusal("too_many_lines", 422, sentence)
        case DiscountRefused(reason=reason):
            return Refusal("discount_refused", 409, str(reason.label))
        case ChooseCurrency():
            sentence = _("Your cart has several currencies. Pay one of them at a time.")
            return Refusal("choose_currency", 422, sentence)
        case TooManyRequests(retry_after=seconds):
            sentence = _("That was a lot of attempts. Please wait a minute and try again.")
            return Refusal("too_many_requests", 429, sentence, seconds)
        case NotPressed():
            return Refusal("not_pressed", 503, _("Open the shop’s page and press Buy there."))
        case AmountTooSmall():
            sentence = _("This amount is too small to be paid by card. Nothing was charged.")
            return Refusal("amount_too_small", 422, sentence)
    logger.error("buying is not possible: %s: %s", type(error).__name__, error)
    match error:
        case AccountNotSetUp():
            sentence = _("Paying isn’t set up in this shop yet. Please tell the shop.")
            return Refusal("paying_not_set_up", 503, sentence)
        case StripeUnavailable() | CallInFlight():
            sentence = _(
                "We can’t reach the payment page right now. Nothing was charged; "
                "please try again in a minute."
            )
            return Refusal("stripe_unavailable", 503, sentence, 30)
    sentence = _("The payment page can’t be opened. Nothing was charged; please tell the shop.")
    return Refusal("stripe_refused", 502, sentence)
