"""What Stripe calculates: discounts, taxes, their rounding."""

from tests.contract.scenarios.forms import COUPONS, SESSIONS, TAX_RATES, line, session, tax_rate
from tests.contract.steps import get, post, scenario

_EXPAND = {"expand": ["line_items"]}

SCENARIOS = (
    scenario(
        "Amounts: a percentage and two taxes",
        post("coupon", COUPONS, {"percent_off": 10}),
        post("exclusive", TAX_RATES, tax_rate("20")),
        post("inclusive", TAX_RATES, tax_rate("2.5", inclusive=True)),
        post(
            "create",
            SESSIONS,
            session(
                line(2000, 2, tax_rates=["$exclusive.id"]),
                line(1020, tax_rates=["$inclusive.id"]),
                discounts=[{"coupon": "$coupon.id"}],
            ),
        ),
    ),
    scenario(
        "Amounts: a fixed discount over two lines",
        post("coupon", COUPONS, {"amount_off": 500, "currency": "usd"}),
        post(
            "create",
            SESSIONS,
            session(line(1000), line(2000), discounts=[{"coupon": "$coupon.id"}], **_EXPAND),
        ),
    ),
    scenario(
        "Amounts: a percentage that doesn't divide",
        post("coupon", COUPONS, {"percent_off": "12.5"}),
        post(
            "create",
            SESSIONS,
            session(
                line(333), line(333), line(333), discounts=[{"coupon": "$coupon.id"}], **_EXPAND
            ),
        ),
    ),
    scenario(
        "Amounts: a discount above the total",
        post("coupon", COUPONS, {"amount_off": 5000, "currency": "usd"}),
        post("create", SESSIONS, session(discounts=[{"coupon": "$coupon.id"}])),
    ),
    scenario(
        "Amounts: tax on a quantity",
        post("tax", TAX_RATES, tax_rate("8.625")),
        post("create", SESSIONS, session(line(250, 4, tax_rates=["$tax.id"]))),
    ),
    scenario(
        "Amounts: half a cent of tax",
        post("tax", TAX_RATES, tax_rate("5")),
        post("create", SESSIONS, session(line(450, tax_rates=["$tax.id"]))),
    ),
    scenario(
        "Amounts: inclusive tax on two lines",
        post("tax", TAX_RATES, tax_rate("10", inclusive=True)),
        post(
            "create",
            SESSIONS,
            session(
                line(100_000, tax_rates=["$tax.id"]),
                line(5000, tax_rates=["$tax.id"]),
                **_EXPAND,
            ),
        ),
    ),
    scenario(
        "Amounts: taxes by rate",
        post("tax", TAX_RATES, tax_rate("20")),
        post("create", SESSIONS, session(line(1000, tax_rates=["$tax.id"]))),
        get("read", f"{SESSIONS}/$create.id", {"expand": ["total_details.breakdown"]}),
    ),
    scenario(
        "Amounts: free",
        post("coupon", COUPONS, {"percent_off": 100}),
        post("create", SESSIONS, session(discounts=[{"coupon": "$coupon.id"}])),
    ),
    scenario(
        "Amounts: a currency without decimals",
        post("create", SESSIONS, session(line(500, 2, currency="jpy"))),
    ),
)
