"""The admin of orders, payments and refunds."""

from payments.admin import orders  # noqa: F401  # registers OrderAdmin
