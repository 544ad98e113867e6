"""Stripe's API under /v1/: one module per resource."""
