"""Stripe's resources: what they hold, what Stripe refuses, and how they look as JSON."""
