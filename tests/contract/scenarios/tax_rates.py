"""Tax rates."""

from tests.contract.scenarios.forms import SESSIONS, TAX_RATES, changed, line, session, tax_rate
from tests.contract.steps import get, post, scenario

SCENARIOS = (
    scenario(
        "Tax rate: exclusive",
        post("create", TAX_RATES, tax_rate("8.625", country="US", jurisdiction="New York")),
        get("read", f"{TAX_RATES}/$create.id"),
    ),
    scenario("Tax rate: inclusive", post("create", TAX_RATES, tax_rate("20", inclusive=True))),
    scenario(
        "Tax rate: without a percentage",
        post("create", TAX_RATES, changed(tax_rate("8"), percentage=None)),
    ),
    scenario(
        "Tax rate: the percentage never changes",
        post("create", TAX_RATES, tax_rate("8")),
        post("rename", f"{TAX_RATES}/$create.id", {"display_name": "Sales tax"}),
        post("revalue", f"{TAX_RATES}/$create.id", {"percentage": "9"}),
    ),
    scenario(
        "Tax rate: unknown country",
        post("lower case", TAX_RATES, tax_rate("8", country="us")),
        post("unknown", TAX_RATES, tax_rate("8", country="XX")),
    ),
    scenario("Tax rate: five decimals", post("create", TAX_RATES, tax_rate("8.62555"))),
    scenario("Tax rate: unknown id", get("read", f"{TAX_RATES}/txr_none")),
    scenario(
        "Tax rate: archived",
        post("create", TAX_RATES, tax_rate("8")),
        post("archive", f"{TAX_RATES}/$create.id", {"active": False}),
        post("use", SESSIONS, session(line(1000, tax_rates=["$create.id"]))),
    ),
    scenario(
        "Tax rate: twice on a line",
        post("create", TAX_RATES, tax_rate("8")),
        post("use", SESSIONS, session(line(1000, tax_rates=["$create.id", "$create.id"]))),
    ),
    scenario(
        "Tax rate: six on a line",
        *(post(f"tax{number}", TAX_RATES, tax_rate(str(number))) for number in range(1, 7)),
        post(
            "use",
            SESSIONS,
            session(line(1000, tax_rates=[f"$tax{number}.id" for number in range(1, 7)])),
        ),
    ),
    scenario(
        "Tax rate: unknown on a line",
        post("use", SESSIONS, session(line(1000, tax_rates=["txr_none"]))),
    ),
)
