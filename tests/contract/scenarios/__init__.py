"""The scenarios, as data."""

from tests.contract.scenarios import (
    access,
    checkout_sessions,
    coupons,
    payment_intents,
    payments,
    refunds,
    session_amounts,
    shipping,
    tax_rates,
)

ALL = (
    *access.SCENARIOS,
    *coupons.SCENARIOS,
    *tax_rates.SCENARIOS,
    *checkout_sessions.SCENARIOS,
    *session_amounts.SCENARIOS,
    *shipping.SCENARIOS,
    *payment_intents.SCENARIOS,
    *payments.SCENARIOS,
    *refunds.SCENARIOS,
)
