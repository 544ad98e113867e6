"""The admin of orders, payments and refunds."""

from payments.admin import orders, taxes  # noqa: F401  # registers OrderAdmin and a receiver
