"""All calls of Stripe's API that the local Stripe answers."""

from stripe_sandbox.api import (
    charges,
    checkout_sessions,
    coupons,
    disputes,
    events,
    fraud_warnings,
    payment_intents,
    payment_methods,
    payment_pages,
    refunds,
    tax_rates,
)

OPERATIONS = (
    *checkout_sessions.OPERATIONS,
    *payment_intents.OPERATIONS,
    *payment_methods.OPERATIONS,
    *payment_pages.OPERATIONS,
    *events.OPERATIONS,
    *charges.OPERATIONS,
    *refunds.OPERATIONS,
    *disputes.OPERATIONS,
    *fraud_warnings.OPERATIONS,
    *coupons.OPERATIONS,
    *tax_rates.OPERATIONS,
)
