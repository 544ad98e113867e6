"""The API keys of a run. Live keys are refused before any call."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

_SECRET = re.compile(r"(sk|rk)_test_\w+")
_PUBLISHABLE = re.compile(r"pk_test_\w+")
SECRET_VARIABLE = "STRIPE_CONTRACT_KEY"  # noqa: S105  # a name
PUBLISHABLE_VARIABLE = "STRIPE_CONTRACT_PUBLISHABLE_KEY"


@dataclass(frozen=True)
class Keys:
    secret: str
    publishable: str = ""

    def header(self, name: str) -> dict[str, str]:
        """The Authorization header for "secret", "publishable", "none", or a literal key."""
        if name == "none":
            return {}
        key = {"secret": self.secret, "publishable": self.publishable}.get(name, name)
        return {"Authorization": f"Bearer {key}"}


LOCAL_KEYS = Keys("sk_test_contract", "pk_test_contract")


def keys_of_environment(environment: Mapping[str, str]) -> Keys | None:
    """The keys of a Stripe test account, None without one. Exits for any other key."""
    secret = environment.get(SECRET_VARIABLE, "")
    publishable = environment.get(PUBLISHABLE_VARIABLE, "")
    if publishable and not _PUBLISHABLE.fullmatch(publishable):
        sys.exit(f"{PUBLISHABLE_VARIABLE} must start with pk_test_. Never use a live key here.")
    if not secret:
        return None
    if not _SECRET.fullmatch(secret):
        sys.exit(f"{SECRET_VARIABLE} must start with sk_test_ or rk_test_. Never use a live key.")
    return Keys(secret, publishable)
