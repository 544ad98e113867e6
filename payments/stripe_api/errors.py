"""Why a call to Stripe failed. It imports nothing, because the settings import it."""


class StripeCallFailed(Exception):
    """A call to Stripe has failed. The base class of all errors of such calls."""


class StripeUnavailable(StripeCallFailed):
    """Stripe can't be reached, is overloaded or has failed: the same call may work later."""


class FailureRepeated(StripeUnavailable):
    """Stripe repeats the failure of an earlier call with this idempotency key.

    It keeps also a failure under the key (https://docs.stripe.com/api/idempotent_requests), so the
    same call fails until the key is deleted.
    """


class CallInFlight(StripeCallFailed):
    """Another process is making the same call now (https://docs.stripe.com/api/errors, 409)."""


class StripeRefused(StripeCallFailed):
    """Stripe refused the call because of wrong keys or parameters: it won't work later either.

    `param` is the parameter that Stripe names, and `answer` is Stripe's sentence; both may be
    empty. https://docs.stripe.com/api/errors
    """

    def __init__(self, summary: str = "", *, param: str = "", answer: str = "") -> None:
        super().__init__(summary)
        self.param = param
        self.answer = answer


class AmountTooSmall(StripeRefused):
    """The amount is below the minimum (https://docs.stripe.com/currencies#minimum-charge)."""


class AmountTooSmallConverted(AmountTooSmall):
    """The amount is below the minimum after its conversion to the currency of the payout."""


class AmountTooLarge(StripeRefused):
    """The amount is above the maximum (https://docs.stripe.com/currencies#maximum-charge)."""


class TermsMissing(StripeRefused):
    """The dashboard has no address of the terms to which buyers must consent."""


class NotFoundAtStripe(StripeRefused):
    """The account has no object with this id."""


class AlreadyAtStripe(StripeRefused):
    """The account has an object with the id that was chosen for a new one."""


class PermissionMissing(StripeRefused):
    """The restricted key lacks a permission (https://docs.stripe.com/keys/restricted-api-keys)."""


class AccountNotSetUp(StripeCallFailed):
    """The settings have no keys for this currency or account."""
