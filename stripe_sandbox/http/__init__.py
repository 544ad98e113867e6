"""Stripe's HTTP conventions: keys, parameters, errors, lists, idempotency."""
