"""Refunds."""

from tests.contract.scenarios.forms import INTENTS, REFUNDS, intent
from tests.contract.steps import event, get, post, scenario

_PAID = intent(1000, confirm=True, payment_method="pm_card_visa")

SCENARIOS = (
    scenario(
        "Refund all",
        post("pay", INTENTS, _PAID),
        post("refund", REFUNDS, {"payment_intent": "$pay.id", "reason": "requested_by_customer"}),
        get("read", f"{REFUNDS}/$refund.id"),
        get("charge", "/v1/charges/$pay.latest_charge"),
        event("event", "refund.created", "$refund.id"),
        event("charge event", "charge.refunded", "$pay.latest_charge"),
        post("again", REFUNDS, {"payment_intent": "$pay.id"}),
    ),
    scenario(
        "Refund a part, and too much",
        post("pay", INTENTS, _PAID),
        post("part", REFUNDS, {"payment_intent": "$pay.id", "amount": 400}),
        get("charge", "/v1/charges/$pay.latest_charge"),
        post("too much", REFUNDS, {"payment_intent": "$pay.id", "amount": 601}),
        post("the rest", REFUNDS, {"payment_intent": "$pay.id", "amount": 600}),
        get("list", REFUNDS, {"payment_intent": "$pay.id"}),
    ),
    scenario(
        "Refund nothing",
        post("pay", INTENTS, _PAID),
        post("zero", REFUNDS, {"payment_intent": "$pay.id", "amount": 0}),
    ),
    scenario(
        "Refund an unpaid intent",
        post("create", INTENTS, intent()),
        post("refund", REFUNDS, {"payment_intent": "$create.id"}),
    ),
    scenario("Refund an unknown intent", post("refund", REFUNDS, {"payment_intent": "pi_none"})),
    scenario("Refund without saying what", post("refund", REFUNDS, {"amount": 100})),
    scenario(
        "Cancel a refund",
        post("pay", INTENTS, _PAID),
        post("refund", REFUNDS, {"payment_intent": "$pay.id"}),
        post("cancel", f"{REFUNDS}/$refund.id/cancel"),
    ),
)
