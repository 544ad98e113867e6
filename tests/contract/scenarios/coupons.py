"""Coupons."""

from tests.contract.scenarios.forms import COUPONS
from tests.contract.steps import delete, get, post, scenario

SCENARIOS = (
    scenario(
        "Coupon: a percentage",
        post("create", COUPONS, {"percent_off": "12.5", "name": "Spring"}),
        get("read", f"{COUPONS}/$create.id"),
        delete("delete", f"{COUPONS}/$create.id"),
        get("read a deleted one", f"{COUPONS}/$create.id"),
    ),
    scenario(
        "Coupon: an amount",
        post("create", COUPONS, {"amount_off": 500, "currency": "usd", "duration": "once"}),
    ),
    scenario(
        "Coupon: percentage and amount",
        post("create", COUPONS, {"percent_off": 10, "amount_off": 500, "currency": "usd"}),
    ),
    scenario("Coupon: neither percentage nor amount", post("create", COUPONS, {"name": "None"})),
    scenario("Coupon: an amount without a currency", post("create", COUPONS, {"amount_off": 500})),
    scenario("Coupon: zero per cent", post("create", COUPONS, {"percent_off": "0.0"})),
    scenario(
        "Coupon: an id that is taken",
        post("create", COUPONS, {"id": "$run-TAKEN", "percent_off": 10}),
        post("again", COUPONS, {"id": "$run-TAKEN", "percent_off": 20}),
    ),
    scenario(
        "Coupon: only name and metadata change",
        post("create", COUPONS, {"percent_off": 10}),
        post("rename", f"{COUPONS}/$create.id", {"name": "Autumn", "metadata": {"a": "b"}}),
        post("revalue", f"{COUPONS}/$create.id", {"percent_off": 20}),
    ),
    scenario(
        "Coupon: an unknown parameter",
        post("create", COUPONS, {"percent_off": 10, "colour": "red"}),
    ),
    scenario(
        "Coupon: redeem_by in the past",
        post("create", COUPONS, {"percent_off": 10, "redeem_by": "$now-3600"}),
    ),
)
