"""Differences from Stripe that stay, by the path of the field, each with its reason."""

ACCEPTED = {
    "balance_transaction": "The local Stripe keeps no balance.",
    "*.balance_transaction": "The local Stripe keeps no balance.",
}
