"""Reads the keys of the shop's Stripe accounts from the environment."""

from payments.stripe_api.accounts import DEFAULT, StripeAccount
from project.environment import Environment, fail_startup


def stripe_accounts(env: Environment, currencies: list[str]) -> list[StripeAccount]:
    """The default account and the accounts of single currencies, where their keys are set.

    Stripe ids are stored with their account's name, so one account must not have two names.
    """
    accounts: list[StripeAccount] = []
    for currency in ["", *currencies]:
        account = stripe_keys(env, currency)
        if account is None:
            continue
        for name in ("secret_key", "publishable_key"):
            if getattr(account, name) in {getattr(each, name) for each in accounts}:
                fail_startup(
                    f"STRIPE_{name.upper()}_{currency}: the same account is given twice; leave it"
                    " out and the keys without suffix serve this currency too."
                )
        accounts.append(account)
    return accounts


def stripe_keys(env: Environment, currency: str = "") -> StripeAccount | None:
    """STRIPE_SECRET_KEY and its two companions, or those of one currency (STRIPE_SECRET_KEY_EUR).

    None if they are not set.
    """
    suffix = f"_{currency}" if currency else ""
    secret_var, publishable_var = f"STRIPE_SECRET_KEY{suffix}", f"STRIPE_PUBLISHABLE_KEY{suffix}"
    webhook_var = f"STRIPE_WEBHOOK_SECRET{suffix}"
    account = StripeAccount(
        currency or DEFAULT,
        *(env.str(v, default="").strip() for v in (secret_var, publishable_var, webhook_var)),
    )
    require_prefix(secret_var, account.secret_key, "sk_test_", "sk_live_", "rk_test_", "rk_live_")
    require_prefix(publishable_var, account.publishable_key, "pk_test_", "pk_live_")
    require_prefix(webhook_var, account.webhook_secret, "whsec_")
    if bool(account.secret_key) != bool(account.publishable_key):
        missing = publishable_var if account.secret_key else secret_var
        fail_startup(f"{missing} is not set; the two keys of a Stripe account come together.")
    if not account.secret_key:
        return None
    if account.livemode != ("_live_" in account.publishable_key):
        fail_startup(
            f"{secret_var} and {publishable_var} must both be test keys or both be live keys."
        )
    return account


def require_prefix(var: str, value: str, *prefixes: str) -> None:
    """Stops the start if a key lacks its prefix, or has nothing after it (an incomplete copy)."""
    if value and not any(value.startswith(prefix) and value != prefix for prefix in prefixes):
        fail_startup(f"{var} must start with {' or '.join(prefixes)} and go on behind it.")
