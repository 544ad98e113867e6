"""Checkout Sessions."""
