"""Keys, webhooks and permissions of each account at Stripe."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from payments.models import PaymentState, PaymentStep, ReceivedEvent
from payments.stripe_api import checkout_sessions, clock, permissions
from payments.stripe_api.accounts import StripeAccount, account_for, all_accounts
from payments.stripe_api.errors import (
    AccountNotSetUp,
    NotFoundAtStripe,
    PermissionMissing,
    StripeCallFailed,
    StripeUnavailable,
)
from project.readiness.finding import Finding

HARMLESS_SECONDS = 30  # between Stripe's clock and this server's
EVENT_DELAY = timedelta(minutes=10)  # between a payment and its event, in either order


def findings() -> Iterator[Finding]:
    """Ask the database and, with the key of each account, Stripe."""
    yield from currencies()
    for account in all_accounts():
        yield (key := _key(account))
        if key.is_fine:
            yield from _missing_permissions(account)
        yield _webhook(account)
        if settings.CHECKOUT_TERMS:
            yield _terms(account)
    difference = clock.difference()
    if difference is not None:  # from Stripe's answers to the calls above
        yield _clock(difference)


def currencies() -> Iterator[Finding]:
    return map(_currency, settings.STRIPE_CURRENCIES)


def _currency(code: str) -> Finding:
    try:
        account = account_for(code)
    except AccountNotSetUp:
        return Finding(False, _("Nobody can pay in %s: set STRIPE_SECRET_KEY.") % code)
    if not account.livemode:
        return Finding(
            False,
            _("Payments in %s use a test key, so no money moves: set a live key to sell.") % code,
        )
    return Finding(True, _("Payments in %s use a live key.") % code)


def _key(account: StripeAccount) -> Finding:
    """Retrieve a session that doesn't exist: the answer shows whether Stripe accepts the key."""
    try:
        checkout_sessions.retrieve(account, "cs_test_check_setup")
    except (NotFoundAtStripe, PermissionMissing):
        return Finding(True, _("Stripe accepts the key of account “%s”.") % account.name)
    except StripeUnavailable:
        return Finding(
            False, _("Stripe can’t be reached from this server. Check its network, then try again.")
        )
    except StripeCallFailed:
        return Finding(
            False,
            _("Stripe refuses the key of account “%s”. Check its STRIPE_SECRET_KEY.")
            % account.name,
        )
    raise AssertionError("there is such a session")


def _missing_permissions(account: StripeAccount) -> Iterator[Finding]:
    text = _("The restricted key of account “%(account)s” lacks a permission: %(permission)s.")
    for permission in permissions.missing(account):
        yield Finding(False, text % {"account": account.name, "permission": permission})


def _clock(difference: timedelta) -> Finding:
    seconds = round(difference.total_seconds())
    if abs(seconds) <= HARMLESS_SECONDS:
        return Finding(True, _("This server’s clock agrees with Stripe’s."))
    text = (
        _("This server’s clock is %s seconds behind Stripe’s. Set it by NTP.")
        if seconds > 0
        else _("This server’s clock is %s seconds ahead of Stripe’s. Set it by NTP.")
    )
    return Finding(False, text % abs(seconds))


def _webhook(account: StripeAccount) -> Finding:
    names = {"account": account.name, "url": f"{settings.BASE_URL}/stripe/webhook"}
    if not account.webhook_secret:
        text = _("Account “%(account)s” has no webhook secret: add the endpoint %(url)s at Stripe.")
        return Finding(False, text % names)
    events = ReceivedEvent.objects.filter(account=account.name, livemode=account.livemode)
    last = events.order_by("received_at").last()
    if last is None:
        text = _("No event of account “%s” has arrived yet: buy something.")
        return Finding(False, text % account.name)
    names["day"] = last.received_at.date().isoformat()
    if _has_money_without_event(account, since=last.received_at):
        text = _(
            "Account “%(account)s” sent its last event on %(day)s, but a payment has succeeded "
            "since. Check the endpoint %(url)s at Stripe."
        )
        return Finding(False, text % names)
    return Finding(True, _("Account “%(account)s” sent its last event on %(day)s.") % names)


def _has_money_without_event(account: StripeAccount, *, since: datetime) -> bool:
    """Whether the buyer's return or the reconciler settled a payment whose event is missing."""
    own = {"payment__account": account.name, "payment__livemode": account.livemode}
    return PaymentStep.objects.filter(
        **own,
        to_state=PaymentState.SUCCEEDED,
        at__gt=since + EVENT_DELAY,
        at__lt=timezone.now() - EVENT_DELAY,
    ).exists()


def _terms(account: StripeAccount) -> Finding:
    """Whether this account's sessions can ask for consent to the shop's terms."""
    currency = settings.STRIPE_CURRENCIES[0]
    try:
        is_fine = checkout_sessions.can_ask_for_terms(
            account, currency=currency, success_url=settings.BASE_URL
        )
    except StripeCallFailed as error:
        names = {"account": account.name, "error": error}
        return Finding(False, _("Account “%(account)s” can’t ask for consent: %(error)s") % names)
    if is_fine:
        return Finding(True, _("Account “%s” asks for consent to your terms.") % account.name)
    return Finding(
        False,
        _(
            "Nobody can buy with account “%s”: enter the address of your terms in Stripe’s"
            " dashboard (Settings, Business, Public details), or set CHECKOUT_TERMS=False."
        )
        % account.name,
    )
