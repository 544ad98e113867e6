"""Checkout Sessions: parameters, expiry, refusals."""

from tests.contract.scenarios.forms import COUPONS, SESSIONS, changed, line, session
from tests.contract.steps import get, post, scenario


def _line_with(**price: object) -> dict[str, object]:
    mug = line(1999)
    return {**mug, "price_data": changed(mug["price_data"], **price)}


SCENARIOS = (
    scenario(
        "Session: create, read, expire, expire again",
        post("create", SESSIONS, session(client_reference_id="order-1", metadata={"order": "1"})),
        get("read", f"{SESSIONS}/$create.id"),
        post("expire", f"{SESSIONS}/$create.id/expire"),
        post("expire again", f"{SESSIONS}/$create.id/expire"),
    ),
    scenario("Session: unknown id", get("read", f"{SESSIONS}/cs_test_none")),
    scenario(
        "Session: no success_url", post("create", SESSIONS, changed(session(), success_url=None))
    ),
    scenario(
        "Session: a price without a currency",
        post("create", SESSIONS, session(_line_with(currency=None))),
    ),
    scenario(
        "Session: a quantity that isn't an integer",
        post("create", SESSIONS, session({**line(1999), "quantity": "1.5"})),
    ),
    scenario(
        "Session: a negative price",
        post("create", SESSIONS, session(line(1999), line(-500))),
    ),
    scenario(
        "Session: an empty description",
        post(
            "create",
            SESSIONS,
            session(_line_with(product_data={"name": "Mug", "description": ""})),
        ),
    ),
    scenario(
        "Session: a picture without an address",
        post(
            "create",
            SESSIONS,
            session(_line_with(product_data={"name": "Mug", "images": ["/media/mug.webp"]})),
        ),
    ),
    scenario(
        "Session: expires in 35 minutes",
        post("create", SESSIONS, session(expires_at="$now+2100")),
    ),
    scenario(
        "Session: expires too soon",
        post("create", SESSIONS, session(expires_at="$now+600")),
    ),
    scenario(
        "Session: expires too late",
        post("create", SESSIONS, session(expires_at="$now+90000")),
    ),
    scenario(
        "Session: two currencies",
        post("create", SESSIONS, session(line(1999), line(1999, currency="eur"))),
    ),
    scenario(
        "Session: payment_method_types",
        post("create", SESSIONS, session(payment_method_types=["card"])),
    ),
    scenario("Session: a former ui_mode", post("create", SESSIONS, session(ui_mode="hosted"))),
    scenario(
        "Session: an unknown nested parameter",
        post("create", SESSIONS, session(_line_with(colour="red"))),
    ),
    scenario(
        "Session: metadata that is too long",
        post("create", SESSIONS, session(metadata={"note": "x" * 501})),
    ),
    scenario(
        "Session: a discount and promotion codes",
        post("coupon", COUPONS, {"percent_off": 10}),
        post(
            "create",
            SESSIONS,
            session(discounts=[{"coupon": "$coupon.id"}], allow_promotion_codes=False),
        ),
    ),
    scenario(
        "Session: an unknown coupon",
        post("create", SESSIONS, session(discounts=[{"coupon": "no-such-coupon"}])),
    ),
    scenario(
        "Session: a coupon in another currency",
        post("coupon", COUPONS, {"amount_off": 500, "currency": "usd"}),
        post(
            "create",
            SESSIONS,
            session(line(1999, currency="eur"), discounts=[{"coupon": "$coupon.id"}]),
        ),
    ),
    scenario(
        "Session: below the minimum",
        post("create", SESSIONS, session(line(49))),
    ),
    scenario(
        "Session: hundredths of a currency without them",
        post("create", SESSIONS, session(line(500_050, currency="ugx"))),
    ),
    scenario(
        "Session: line items and expansion",
        post("create", SESSIONS, session(line(1000, 2), line(500), expand=["line_items"])),
        get("lines", f"{SESSIONS}/$create.id/line_items", {"limit": 1}),
        get("no such field", f"{SESSIONS}/$create.id", {"expand": ["colour"]}),
    ),
)
