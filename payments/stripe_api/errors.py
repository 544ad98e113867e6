"""Why a call to Stripe failed. Imports nothing: settings are still being read when this is."""


class StripeCallFailed(Exception):
    """A call to Stripe has failed; the base class of all errors of this package."""


class StripeUnavailable(StripeCallFailed):
    """Stripe can't be reached, is overloaded or has failed: the same call may work later."""


class CallInFlight(StripeCallFailed):
    """Another process is making the same call now (https://docs.stripe.com/api/errors, 409)."""


class StripeRefused(StripeCallFailed):
    """Stripe refused the call, because of wrong keys or parameters: repeating it is no use."""


class AmountTooSmall(StripeRefused):
    """The amount is below the minimum (https://docs.stripe.com/currencies#minimum-charge)."""


class NotFoundAtStripe(StripeRefused):
    """The account has no object with this id."""


class AccountNotSetUp(StripeCallFailed):
    """The settings have no keys for this currency or account."""
