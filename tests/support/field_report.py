"""The file to which every local Stripe of the tests writes the fields that Stripe wouldn't send."""

import os

VARIABLE = "STRIPE_SANDBOX_FIELD_REPORT"


def variables() -> dict[str, str]:
    """The variable for programs that don't inherit the environment of the tests."""
    return {VARIABLE: os.environ[VARIABLE]} if VARIABLE in os.environ else {}
