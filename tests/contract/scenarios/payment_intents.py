"""Payment intents until they are paid."""

from tests.contract.scenarios.forms import INTENTS, changed, intent
from tests.contract.steps import get, post, scenario

SCENARIOS = (
    scenario(
        "Intent: create, change, cancel, cancel again",
        post("create", INTENTS, intent(description="Order 1", metadata={"order": "1"})),
        get("read", f"{INTENTS}/$create.id"),
        post("change", f"{INTENTS}/$create.id", {"amount": 2500, "metadata": {"order": "2"}}),
        post("cancel", f"{INTENTS}/$create.id/cancel", {"cancellation_reason": "abandoned"}),
        post("cancel again", f"{INTENTS}/$create.id/cancel"),
    ),
    scenario("Intent: unknown id", get("read", f"{INTENTS}/pi_none")),
    scenario("Intent: no amount", post("create", INTENTS, changed(intent(), amount=None))),
    scenario("Intent: amount 0", post("create", INTENTS, intent(0))),
    scenario("Intent: below the minimum", post("create", INTENTS, intent(49))),
    scenario("Intent: above the maximum", post("create", INTENTS, intent(10_000_000_000_000))),
    scenario(
        "Intent: payment_method_types",
        post(
            "create", INTENTS, {"amount": 1999, "currency": "usd", "payment_method_types": ["card"]}
        ),
    ),
    scenario(
        "Intent: confirm without a payment method",
        post("create", INTENTS, intent()),
        post("confirm", f"{INTENTS}/$create.id/confirm"),
    ),
    scenario(
        "Intent: confirm without return_url",
        post("create", INTENTS, {"amount": 1999, "currency": "usd"}),
        post("confirm", f"{INTENTS}/$create.id/confirm", {"payment_method": "pm_card_visa"}),
    ),
    scenario(
        "Intent: read with a publishable key",
        post("create", INTENTS, intent()),
        get(
            "read",
            f"{INTENTS}/$create.id",
            {"client_secret": "$create.client_secret"},
            key="publishable",
        ),
    ),
)
