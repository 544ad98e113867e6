"""Payments without a browser, and their events.

A session is paid by the routes that Stripe's own command line uses; they are undocumented
(stripe/stripe-cli, pkg/fixtures/triggers/checkout.session.completed.json).
"""

from typing import Any

from tests.contract.scenarios.forms import COUPONS, INTENTS, SESSIONS, VISA, intent, session
from tests.contract.scenarios.shipping import ADA, asks_for
from tests.contract.steps import Step, delete, event, get, post, scenario

_CONFIRM = f"{INTENTS}/$create.id/confirm"


def _pay(**more: Any) -> tuple[Step, ...]:
    form = {"payment_method": "$card.id", "expected_amount": "$create.amount_total", **more}
    return (
        post("card", "/v1/payment_methods", VISA),
        get("page", "/v1/payment_pages/$create.id", is_documented=False),
        post("pay", "/v1/payment_pages/$create.id/confirm", form, is_documented=False),
    )


SCENARIOS = (
    scenario(
        "Pay an intent",
        post("create", INTENTS, intent(metadata={"order": "1"})),
        post("pay", _CONFIRM, {"payment_method": "pm_card_visa"}),
        get("charge", "/v1/charges/$pay.latest_charge"),
        event("event", "payment_intent.succeeded", "$create.id"),
        post("pay again", _CONFIRM, {"payment_method": "pm_card_visa"}),
        post("cancel", f"{INTENTS}/$create.id/cancel"),
        post("change", f"{INTENTS}/$create.id", {"amount": 2500}),
    ),
    scenario(
        "A declined card, then a good one",
        post("create", INTENTS, intent()),
        post("decline", _CONFIRM, {"payment_method": "pm_card_visa_chargeDeclined"}),
        get("read", f"{INTENTS}/$create.id"),
        event("event", "payment_intent.payment_failed", "$create.id"),
        post("pay", _CONFIRM, {"payment_method": "pm_card_visa"}),
    ),
    scenario(
        "A card without funds",
        post("create", INTENTS, intent()),
        post(
            "decline", _CONFIRM, {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}
        ),
    ),
    scenario(
        "A card that needs 3-D Secure",
        post("create", INTENTS, {"amount": 1999, "currency": "usd"}),
        post(
            "confirm",
            _CONFIRM,
            {
                "payment_method": "pm_card_authenticationRequired",
                "return_url": "https://shop.example/order/1/return",
            },
        ),
        post("cancel", f"{INTENTS}/$create.id/cancel"),
    ),
    scenario(
        "Pay a session",
        post(
            "create",
            SESSIONS,
            session(
                metadata={"order": "1"},
                payment_intent_data={"description": "Order 1", "metadata": {"payment": "1"}},
            ),
        ),
        *_pay(),
        get("read", f"{SESSIONS}/$create.id"),
        get("intent", f"{INTENTS}/$read.payment_intent"),
        event("event", "checkout.session.completed", "$create.id"),
        get("list", SESSIONS, {"payment_intent": "$read.payment_intent"}),
        post("expire", f"{SESSIONS}/$create.id/expire"),
    ),
    scenario(
        "Pay a session that asks for an address",
        post("create", SESSIONS, session(**asks_for("US", "DE"))),
        *_pay(shipping={"name": ADA["name"], "address": ADA["address"]}),
        get("read", f"{SESSIONS}/$create.id"),
        get("intent", f"{INTENTS}/$read.payment_intent"),
    ),
    scenario(
        "A coupon that is deleted while a session has it",
        post("coupon", COUPONS, {"percent_off": 10, "max_redemptions": 1}),
        post("create", SESSIONS, session(discounts=[{"coupon": "$coupon.id"}])),
        delete("delete", f"{COUPONS}/$coupon.id"),
        get("deleted", f"{COUPONS}/$coupon.id"),
        *_pay(),
        get("read", f"{SESSIONS}/$create.id"),
        post("second", SESSIONS, session(discounts=[{"coupon": "$coupon.id"}])),
    ),
    scenario(
        "A coupon for one purchase, and a second one",
        post("coupon", COUPONS, {"percent_off": 10, "max_redemptions": 1}),
        post("create", SESSIONS, session(discounts=[{"coupon": "$coupon.id"}])),
        *_pay(),
        get("used", f"{COUPONS}/$coupon.id"),
        post("second", SESSIONS, session(discounts=[{"coupon": "$coupon.id"}])),
    ),
)
