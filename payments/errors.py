"""The errors of payments, and the answer to each: a code for programs, a message for people."""

import logging
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cart.discount_codes import CodeApplied, CodeRefused
from cart.freezing import EmptyOrder, OrderChanged, TooManyLines
from cart.held_limits import HoldRefused
from cart.holds import HELD_ALREADY, SoldOut
from cart.models import DiscountRefused, Order
from cart.quote import Quote, TotalTooHigh
from cart.shipping import ShippingRefused
from cart.shipping_choice import ShippingChosen
from payments.stripe_api.errors import (
    AccountNotSetUp,
    AmountTooLarge,
    AmountTooSmall,
    AmountTooSmallConverted,
    CallInFlight,
    StripeCallFailed,
    StripeUnavailable,
)
from store.models.shop import CLOSED, ShopClosed
from store.money import MINIMUM_AMOUNTS, to_minor
from store.templatetags.money import money
from web.rate_limit import TRY_LATER, TooManyRequests

logger = logging.getLogger(__name__)

RETRY_SECONDS = 30  # the Retry-After header when Stripe is unavailable


class PaymentError(Exception):
    """The base class of the errors that payments raises itself."""


class ItemNotFound(PaymentError):
    """No listed item has this number."""


class NotPressed(PaymentError):
    """The request is a prefetch or comes from another site, so the buyer has not pressed Buy."""


class NotOffered(PaymentError):
    """The shop doesn't offer this payment method (PAYMENT_METHODS)."""


class ChooseCurrency(PaymentError):
    """There are open orders in several currencies, and the request names none of them."""


class SeenAmountUnreadable(PaymentError):
    """The request says what the buyer's page showed, but not as an amount."""


class PriceChanged(PaymentError):
    """One piece costs `total` minor units now, and the buyer's page showed another amount."""

    def __init__(self, total: int, currency: str) -> None:
        super().__init__(total, currency)
        self.message = str(PRICE_CHANGED) % {"total": money(total, currency)}


class AlreadyPaid(PaymentError):
    """The order is paid, or its payment is on its way."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self.order = order


class PaymentAwaited(AlreadyPaid):
    """The buyer has to pay the voucher or the bank transfer of the order."""


class CannotCancel(PaymentError):
    """Stripe doesn't cancel the voucher or the bank transfer of the order any more."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self.message = str(CANNOT_CANCEL) % {"number": order.number}


class HeldAlready(PaymentError):
    """The visitor holds the last pieces already, in another order."""


class AmountMismatch(PaymentError):
    """Stripe would charge another amount than the order says, by more than rounding explains."""

    def __init__(self, stripe_id: str, figures: object) -> None:
        super().__init__(f"Stripe's figures of {stripe_id} and ours: {figures}")
        self.stripe_id = stripe_id


@dataclass(frozen=True)
class ErrorAnswer:
    """The answer to an error: `status` is the HTTP status, `retry_after` is in seconds."""

    code: str
    status: int
    message: str
    retry_after: int | None = None


_UNAVAILABLE = _(
    "We can’t reach the payment page right now. Nothing was charged; please try again in a minute."
)
_REFUSED = _("The payment page can’t be opened. Nothing was charged; please tell the shop.")
CANNOT_CANCEL = _("The payment of order %(number)s can’t be cancelled any more.")
CART_CHANGED = _("Your cart has changed: the total is %(total)s now. Check it, then pay.")
TOO_SMALL = _("The total must be at least %(minimum)s to be paid by card. Nothing was charged.")
TOTAL_CHANGED = _("The total is %(total)s now. Check it, then pay.")
PRICE_CHANGED = _("The price has changed: it is %(total)s now. Check it, then pay.")
# For each error: code, HTTP status and message, which is None if the error has its own. A subclass
# that isn't listed is answered like its base class.
ANSWERS: dict[type[Exception], tuple[str, int, Promise | None]] = {
    ItemNotFound: ("not_found", 404, _("This item isn’t for sale any more. Choose another one.")),
    NotOffered: (
        "not_offered",
        404,
        _("This shop doesn’t take this kind of payment. Choose another one."),
    ),
    AlreadyPaid: (
        "already_paid",
        409,
        _("Order %(number)s is paid, or its payment is on its way. Don’t pay it again."),
    ),
    PaymentAwaited: (
        "payment_awaited",
        409,
        _("We are waiting for your payment of order %(number)s. Its page says how to pay."),
    ),
    CannotCancel: ("cannot_cancel", 409, None),
    ShopClosed: ("shop_closed", 409, CLOSED),
    SoldOut: ("sold_out", 409, _("Sorry, this item is sold out. Nothing was charged.")),
    HoldRefused: ("hold_refused", 409, None),
    HeldAlready: ("held_already", 409, HELD_ALREADY),
    EmptyOrder: ("cart_empty", 422, _("There is nothing to pay in your cart.")),
    OrderChanged: (
        "order_changed",
        409,
        _("Something has changed since you opened this page. Check it, then pay."),
    ),
    TooManyLines: ("too_many_lines", 422, None),
    PriceChanged: ("price_changed", 409, None),
    SeenAmountUnreadable: (
        "wrong_seen_amount",
        422,
        _("The amount in the address isn’t a number. Press Buy on the item’s page."),
    ),
    TotalTooHigh: ("amount_too_high", 422, None),
    DiscountRefused: ("discount_refused", 409, None),
    CodeRefused: ("code_refused", 422, None),
    CodeApplied: ("code_applied", 409, None),
    ShippingRefused: ("shipping_refused", 422, None),
    ShippingChosen: ("shipping_chosen", 409, None),
    ChooseCurrency: (
        "choose_currency",
        422,
        _("Your cart has several currencies. Pay one of them at a time."),
    ),
    TooManyRequests: ("too_many_requests", 429, TRY_LATER),
    NotPressed: ("not_pressed", 503, _("Open the shop’s page and press Buy there.")),
    AmountTooSmall: (
        "amount_too_small",
        422,
        _("This amount is too small to be paid by card. Nothing was charged."),
    ),
    AmountTooSmallConverted: (
        "amount_too_small",
        422,
        _(
            "Converted to the currency in which the shop is paid, this amount is too small to be"
            " paid by card. Nothing was charged."
        ),
    ),
    AmountTooLarge: (
        "amount_too_large",
        422,
        _("This amount is too large for one payment. Nothing was charged; please split it."),
    ),
    AccountNotSetUp: (
        "paying_not_set_up",
        503,
        _("Paying isn’t set up in this shop yet. Please tell the shop."),
    ),
    StripeUnavailable: ("stripe_unavailable", 503, _UNAVAILABLE),
    CallInFlight: ("stripe_unavailable", 503, _UNAVAILABLE),
    StripeCallFailed: ("stripe_refused", 502, _REFUSED),
    AmountMismatch: ("stripe_refused", 502, _REFUSED),
}
ANSWERED = tuple(ANSWERS)


def answer_to(error: Exception, cart: Quote | None = None) -> ErrorAnswer:
    """The answer to one of ANSWERED, in the language of the request.

    `cart` is the buyer's cart as it is now: a message about a change names its total. Logs the
    error if the shop or Stripe is the reason that the buyer can't pay.
    """
    code, status, text = next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)
    message = str(getattr(error, "message", "") if text is None else text)
    if isinstance(error, AlreadyPaid):
        message %= {"number": error.order.number}
    if cart is not None:
        message = _about_cart(message, error, cart)
    if status >= 500 and not isinstance(error, NotPressed | CallInFlight):
        logger.error("buying is not possible: %s: %s", type(error).__name__, error)
    return ErrorAnswer(code, status, message, _retry_after(error))


def _about_cart(message: str, error: Exception, cart: Quote) -> str:
    """Say why the cart can't be bought, or what it costs after a change of it."""
    total = {"total": money(cart.totals.total, cart.order.currency)}
    match error:
        case OrderChanged() | DiscountRefused() | SoldOut() if cart.message:
            return cart.message
        case OrderChanged():
            return str(CART_CHANGED) % total
        case AmountTooSmallConverted():
            return message  # the total is above the minimum of its own currency
        case AmountTooSmall() if minimum := MINIMUM_AMOUNTS.get(cart.order.currency):
            amount = to_minor(minimum, cart.order.currency)
            return str(TOO_SMALL) % {"minimum": money(amount, cart.order.currency)}
        case DiscountRefused():
            return f"{message} {str(TOTAL_CHANGED) % total}"
    return message


def _retry_after(error: Exception) -> int | None:
    if isinstance(error, TooManyRequests):
        return error.retry_after
    return RETRY_SECONDS if isinstance(error, StripeUnavailable | CallInFlight) else None
