"""Is the shop ready to sell? One finding for each thing that a merchant has to set up."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from cart.models import Tax
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
from store.models import Item

HARMLESS_SECONDS = 30  # between Stripe's clock and this server's
ENOUGH_MEGABYTES = 1000  # free on the disk
SMTP = "django.core.mail.backends.smtp.EmailBackend"
EVENT_DELAY = timedelta(minutes=10)  # between a payment and its event, in either order


@dataclass(frozen=True)
class Finding:
    is_fine: bool
    message: str


def findings() -> Iterator[Finding]:
    """Ask the database and, with the key of each account, Stripe."""
    yield _address()
    yield from map(_currency, settings.STRIPE_CURRENCIES)
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
    yield _disk()
    yield _mail()
    yield _staff()
    yield _items()
    yield _taxes()


def _address() -> Finding:
    host = urlsplit(settings.BASE_URL).hostname or ""
    if not settings.BASE_URL.startswith("https:") or host == "localhost" or "." not in host:
        return Finding(
            False, _("BASE_URL is %s; buyers need an https:// address.") % settings.BASE_URL
        )
    return Finding(True, _("The shop’s address is %s.") % settings.BASE_URL)


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


def _disk() -> Finding:
    """The disk of VAR_DIR. The images' and the database's may be others."""
    free = shutil.disk_usage(settings.VAR_DIR).free // 10**6
    if free < ENOUGH_MEGABYTES:
        return Finding(
            False, _("The disk is nearly full: it has %s MB left. Make room, or sales stop.") % free
        )
    return Finding(True, _("The disk has %s MB left.") % free)


def _mail() -> Finding:
    if not settings.SENDS_MAIL:
        return Finding(False, _("No mail is sent: set EMAIL_URL."))
    if settings.MAILERS["default"]["BACKEND"] != SMTP:
        return Finding(False, _("Mail isn’t sent to its readers: set EMAIL_URL to a mail server."))
    return Finding(True, _("Mail is sent by %s.") % settings.DEFAULT_FROM_EMAIL)


def _staff() -> Finding:
    if not get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        return Finding(False, _("Nobody can log in to the admin: run manage.py createsuperuser."))
    return Finding(True, _("Somebody can log in to the admin."))


def _items() -> Finding:
    if not Item.objects.listed().exists():
        return Finding(False, _("No item is listed: add one in the admin."))
    return Finding(True, _("There are items to buy."))


def _taxes() -> Finding:
    if not Tax.objects.applied().exists():
        return Finding(True, _("No tax is added; add one in the admin if you must charge it."))
    return Finding(True, _("Taxes are set up."))
