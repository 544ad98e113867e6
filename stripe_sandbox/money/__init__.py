"""Amounts: how they are rounded, and how Stripe writes each currency."""
