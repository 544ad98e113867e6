"""The only code that talks to Stripe. In and out: our own words, minor units, own exceptions."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

import stripe
from django.conf import settings
from requests.adapters import HTTPAdapter

from cart.models import OrderLine
from payments.accounts import Account
from payments.patience import PatientSession, TooBusy, slot
from payments.remote import (
    CheckoutSession,
    Dispute,
    Event,
    Outcome,
    PaymentIntent,
    RemoteRefund,
)

logger = logging.getLogger(__name__)

CONNECT_AND_READ_SECONDS = (3, 10)
RETRIES = 2
BREAKDOWN = "total_details.breakdown"
# A payment intent in one of these states has no payment under way.
FAILED_INTENT = ("requires_payment_method", "canceled")
# Stripe's own default: an older signature is a replay (https://docs.stripe.com/webhooks#replay-attacks).
SIGNATURE_MAX_AGE_SECONDS = 300
PAGE = 100  # the most that Stripe lists at once


class _GivenBack(TypedDict):
    refunded_amount: int
    is_disputed: bool


def _set_up() -> None:
    """One HTTP session for all threads, so that connections to Stripe are kept and reused."""
    session = PatientSession()
    session.mount("https://", HTTPAdapter(pool_maxsize=settings.WORKER_THREADS))
    session.mount("http://", HTTPAdapter(pool_maxsize=settings.WORKER_THREADS))
    stripe.default_http_client = stripe.RequestsClient(
        timeout=CONNECT_AND_READ_SECONDS, session=session
    )
    stripe.max_network_retries = RETRIES
    stripe.enable_telemetry = False
    stripe.set_app_info("Minicart")
    stripe.api_base = settings.STRIPE_API_BASE or stripe.api_base


_set_up()


class GatewayError(Exception):
    """A call to Stripe brought nothing."""


class StripeUnavailable(GatewayError):
    """Stripe can't be reached, is busy or failed; the same call may work later."""


class CallInFlight(GatewayError):
    """Another process makes the very same call now; its result is on the way."""


class StripeRefused(GatewayError):
    """Stripe refused the call: wrong keys or parameters. Somebody must mend something."""


class AmountTooSmall(StripeRefused):
    """Stripe takes no payment as small as this."""


class UnknownAtStripe(StripeRefused):
    """The account has no object of this id."""


class NotFromStripe(Exception):
    """A webhook call without a valid signature of one of the shop's accounts, or not an event."""


def create_checkout_session(
    account: Account,
    *,
    idempotency_key: str,
    currency: str,
    lines: list[OrderLine],
    coupon_id: str | None,
    tax_rate_ids: list[str],
    reference: str,
    request_id: str,
    success_url: str,
    cancel_url: str,
    expires_at: datetime,
) -> CheckoutSession:
    """Makes a session, or finds the one that this `idempotency_key` made.

    Raises UnknownAtStripe where the coupon or a tax rate is gone, GatewayError.
    """
    with _own_exceptions():
        session = stripe.checkout.Session.create(
            mode="payment",
            line_items=[
                {
                    "price_data": {
                        "currency": currency.lower(),
                        "unit_amount": line.unit_amount,
                        "product_data": {"name": line.name},
                    },
                    "quantity": line.quantity,
                    "tax_rates": tax_rate_ids,
                }
                for line in lines
            ],
            discounts=[{"coupon": coupon_id}] if coupon_id else [],
            client_reference_id=reference,
            metadata=_metadata(reference, request_id),
            payment_intent_data={"metadata": _metadata(reference, request_id)},
            success_url=success_url,
            cancel_url=cancel_url,
            expires_at=int(expires_at.timestamp()),
            expand=[BREAKDOWN],
            api_key=account.secret_key,
            idempotency_key=idempotency_key,
        )
    return _session(session)


def retrieve_checkout_session(account: Account, session_id: str) -> CheckoutSession:
    """The session as it is now. Raises UnknownAtStripe, GatewayError."""
    with _own_exceptions():
        session = stripe.checkout.Session.retrieve(
            session_id,
            expand=[BREAKDOWN, "payment_intent.latest_charge"],
            api_key=account.secret_key,
        )
    return _session(session)


def expire_checkout_session(account: Account, session_id: str) -> None:
    """Ends an open session; one that has ended already stays as it is. Raises GatewayError."""
    try:
        with _own_exceptions():
            stripe.checkout.Session.expire(session_id, api_key=account.secret_key)
    except StripeRefused:
        if retrieve_checkout_session(account, session_id).outcome is Outcome.OPEN:
            raise
        logger.info("session %s was not open any more", session_id)


def create_payment_intent(
    account: Account,
    *,
    idempotency_key: str,
    amount: int,
    currency: str,
    reference: str,
    request_id: str,
) -> PaymentIntent:
    """Makes an intent over `amount` minor units, or finds the one that this key made.

    Raises GatewayError.
    """
    with _own_exceptions():
        intent = stripe.PaymentIntent.create(
            amount=amount,
            currency=currency.lower(),
            automatic_payment_methods={"enabled": True},
            metadata=_metadata(reference, request_id),
            api_key=account.secret_key,
            idempotency_key=idempotency_key,
        )
    return _intent(intent)


def retrieve_payment_intent(account: Account, intent_id: str) -> PaymentIntent:
    """The intent as it is now. Raises UnknownAtStripe, GatewayError."""
    with _own_exceptions():
        intent = stripe.PaymentIntent.retrieve(
            intent_id, expand=["latest_charge"], api_key=account.secret_key
        )
    return _intent(intent)


def cancel_payment_intent(account: Account, intent_id: str) -> None:
    """Ends an intent; one that has ended or is being paid stays as it is. Raises GatewayError."""
    try:
        with _own_exceptions():
            stripe.PaymentIntent.cancel(intent_id, api_key=account.secret_key)
    except StripeRefused:
        if retrieve_payment_intent(account, intent_id).outcome is Outcome.OPEN:
            raise
        logger.info("intent %s could not be cancelled any more", intent_id)


def create_coupon(
    account: Account, *, name: str, percent: Decimal | None, amount: int | None, currency: str
) -> str:
    """The id of a new coupon: `percent` off, or `amount` minor units. Raises GatewayError."""
    with _own_exceptions():
        if percent is not None:
            coupon = stripe.Coupon.create(
                name=name, duration="once", percent_off=float(percent), api_key=account.secret_key
            )
        else:
            coupon = stripe.Coupon.create(
                name=name,
                duration="once",
                amount_off=amount or 0,
                currency=currency.lower(),
                api_key=account.secret_key,
            )
    return coupon.id


def create_tax_rate(
    account: Account, *, name: str, percentage: Decimal, is_inclusive: bool, country: str
) -> str:
    """The id of a new tax rate. Raises GatewayError."""
    with _own_exceptions():
        rate = stripe.TaxRate.create(
            display_name=name,
            percentage=float(percentage),  # the library's type; four decimals survive it exactly
            inclusive=is_inclusive,
            country=country or None,  # type: ignore[arg-type]  # the library drops None
            api_key=account.secret_key,
        )
    return rate.id


def create_refund(
    account: Account, *, idempotency_key: str, key: str, intent_id: str, amount: int, reason: str
) -> None:
    """Gives back `amount` minor units of a payment, once for one key. Raises GatewayError."""
    with _own_exceptions():
        stripe.Refund.create(
            payment_intent=intent_id,
            amount=amount,
            reason=reason,
            metadata={"refund": key},
            api_key=account.secret_key,
            idempotency_key=idempotency_key,
        )


def list_refunds(
    account: Account, *, intent_id: str = "", since: datetime | None = None
) -> list[RemoteRefund]:
    """The refunds of one payment, or all that were made since then. Raises GatewayError."""
    with _own_exceptions():
        refunds = stripe.Refund.list(
            payment_intent=intent_id or None,  # type: ignore[arg-type]  # the library drops None
            created={"gte": int(since.timestamp())} if since else None,  # type: ignore[arg-type]
            limit=PAGE,
            api_key=account.secret_key,
        )
        return [_refund(refund) for refund in refunds.auto_paging_iter()]


def list_disputes(
    account: Account, *, intent_id: str = "", since: datetime | None = None
) -> list[Dispute]:
    """The disputes of one payment, or all that were opened since then. Raises GatewayError."""
    with _own_exceptions():
        disputes = stripe.Dispute.list(
            payment_intent=intent_id or None,  # type: ignore[arg-type]  # the library drops None
            created={"gte": int(since.timestamp())} if since else None,  # type: ignore[arg-type]
            limit=PAGE,
            api_key=account.secret_key,
        )
        return [_dispute(dispute) for dispute in disputes.auto_paging_iter()]


def verified_event(account: Account, payload: bytes, signature: str) -> Event:
    """The event in `payload`, signed with this account's secret. Raises NotFromStripe.

    One of another API version may lack all but its id and type: it is about nothing of ours then.
    """
    try:
        stripe.WebhookSignature.verify_header(
            payload, signature, account.webhook_secret, tolerance=SIGNATURE_MAX_AGE_SECONDS
        )
        event = json.loads(payload)
        about = event.get("data", {}).get("object", {})
        return Event(
            id=str(event["id"]),
            type=str(event["type"]),
            livemode=bool(event.get("livemode", account.livemode)),
            object_id=str(about.get("id", "")),
            intent_id=str(about.get("payment_intent") or ""),
        )
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise NotFromStripe(str(error)) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise NotFromStripe(f"not a Stripe event: {error!r}") from error


def _metadata(reference: str, request_id: str) -> dict[str, str]:
    """Leads from an object in Stripe's dashboard to the order, and to the lines of our log."""
    return {"order": reference} | ({"request": request_id} if request_id else {})


def _session(session: stripe.checkout.Session) -> CheckoutSession:
    email = session.customer_details.email if session.customer_details else None
    details = session.total_details
    taxes = details.breakdown.taxes if details and details.breakdown else []
    return CheckoutSession(
        id=session.id,
        status=session.status or "",
        payment_status=session.payment_status,
        has_failed=session.status == "complete" and _intent_failed(session.payment_intent),
        url=session.url or "",
        amount_subtotal=session.amount_subtotal or 0,
        amount_discount=details.amount_discount if details else 0,
        amount=session.amount_total or 0,
        tax_amounts={tax.rate.id: tax.amount for tax in taxes},
        currency=(session.currency or "").upper(),
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
        email=email or "",
        intent_id=_id(session.payment_intent),
        **_given_back(session.payment_intent),
    )


def _intent(intent: stripe.PaymentIntent) -> PaymentIntent:
    has_arrived = intent.status == "succeeded"
    return PaymentIntent(
        id=intent.id,
        status=intent.status,
        client_secret=intent.client_secret or "",
        amount=intent.amount_received if has_arrived else intent.amount,
        currency=intent.currency.upper(),
        email=intent.receipt_email or _billing_email(intent),
        **_given_back(intent),
    )


def _charge(intent: str | stripe.PaymentIntent | None) -> stripe.Charge | None:
    charge = intent.latest_charge if isinstance(intent, stripe.PaymentIntent) else None
    return charge if isinstance(charge, stripe.Charge) else None


def _billing_email(intent: stripe.PaymentIntent) -> str:
    charge = _charge(intent)
    return (charge.billing_details.email if charge else None) or ""


def _given_back(intent: str | stripe.PaymentIntent | None) -> _GivenBack:
    charge = _charge(intent)
    if charge is None:
        return {"refunded_amount": 0, "is_disputed": False}
    return {"refunded_amount": charge.amount_refunded, "is_disputed": charge.disputed}


def _refund(refund: stripe.Refund) -> RemoteRefund:
    return RemoteRefund(
        id=refund.id,
        intent_id=_id(refund.payment_intent),
        amount=refund.amount,
        status=refund.status or "",
        reason=refund.reason or "",
        key=_own_key(refund),
    )


def _own_key(refund: stripe.Refund) -> str:
    """Of our own wish; what another program writes there is none."""
    try:
        return str(UUID(getattr(refund.metadata, "refund", "")))
    except ValueError:
        return ""


def _dispute(dispute: stripe.Dispute) -> Dispute:
    return Dispute(id=dispute.id, intent_id=_id(dispute.payment_intent), status=dispute.status)


def _id(linked: str | stripe.PaymentIntent | None) -> str:
    """The id of an object that an answer names, or has in full."""
    return linked.id if isinstance(linked, stripe.PaymentIntent) else linked or ""


def _intent_failed(intent: str | stripe.PaymentIntent | None) -> bool:
    return isinstance(intent, stripe.PaymentIntent) and intent.status in FAILED_INTENT


@contextmanager
def _own_exceptions() -> Iterator[None]:
    try:
        with slot():
            yield
    except TooBusy as error:
        raise StripeUnavailable(str(error)) from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise StripeUnavailable(_summary(error)) from error
    except stripe.StripeError as error:
        raise _translated(error) from error


def _translated(error: stripe.StripeError) -> GatewayError:
    if error.http_status == 409:
        return CallInFlight(_summary(error))
    if error.http_status is None or error.http_status >= 500:
        return StripeUnavailable(_summary(error))
    if error.code == "amount_too_small":
        return AmountTooSmall(_summary(error))
    if error.code == "resource_missing":
        return UnknownAtStripe(_summary(error))
    return StripeRefused(_summary(error))


def _summary(error: stripe.StripeError) -> str:
    """For the log: what went wrong and Stripe's number of the request, without keys."""
    sentence = error.user_message or error
    name, status, code = type(error).__name__, error.http_status, error.code
    return f"{name} {status} {code}: {sentence} (request {error.request_id})"
