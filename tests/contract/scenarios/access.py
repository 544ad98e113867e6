"""Keys, addresses, idempotency keys, lists."""

from tests.contract.scenarios.forms import COUPONS, INTENTS, SESSIONS, changed, intent, session
from tests.contract.steps import get, post, scenario

TEN = {"percent_off": 10, "duration": "once"}

SCENARIOS = (
    scenario("A call without a key", get("list", COUPONS, key="none")),
    scenario("A call with an unknown key", get("list", COUPONS, key="hello")),
    scenario(
        "A server's call with a publishable key",
        post("create", COUPONS, TEN, key="publishable"),
    ),
    scenario("An address that doesn't exist", get("read", "/v1/nonsense")),
    scenario(
        "The same idempotency key again",
        post("coupon", COUPONS, TEN, idempotency_key="$run-again"),
        post("again", COUPONS, TEN, idempotency_key="$run-again"),
    ),
    scenario(
        "An idempotency key with other parameters",
        post("coupon", COUPONS, TEN, idempotency_key="$run-other"),
        post("other", COUPONS, {"percent_off": 20}, idempotency_key="$run-other"),
    ),
    scenario(
        "An idempotency key for another address",
        post("coupon", COUPONS, TEN, idempotency_key="$run-address"),
        post("intent", INTENTS, intent(), idempotency_key="$run-address"),
    ),
    scenario(
        "An idempotency key of a refused call",
        post("refused", SESSIONS, changed(session(), mode=None), idempotency_key="$run-refused"),
        post("corrected", SESSIONS, session(), idempotency_key="$run-refused"),
    ),
    scenario(
        "An idempotency key of a call with a missing coupon",
        post(
            "refused",
            SESSIONS,
            session(discounts=[{"coupon": "no-such-coupon"}]),
            idempotency_key="$run-coupon",
        ),
        post("corrected", SESSIONS, session(), idempotency_key="$run-coupon"),
    ),
    scenario(
        "A list with a limit",
        post("first", INTENTS, intent()),
        post("second", INTENTS, intent(2500)),
        get("newest", INTENTS, {"limit": 1}),
        get("too many", INTENTS, {"limit": 101}),
    ),
)
