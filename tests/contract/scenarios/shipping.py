"""Addresses: Checkout asks for them, payment intents have them."""

from tests.contract.scenarios.forms import INTENTS, SESSIONS, intent, session
from tests.contract.steps import get, post, scenario

_CONFIRM = f"{INTENTS}/$create.id/confirm"
_ADDRESS = {
    "line1": "1 Main Street",
    "city": "Springfield",
    "state": "CA",
    "postal_code": "90001",
    "country": "US",
}
ADA = {"name": "Ada Buyer", "phone": "+15555550123", "address": _ADDRESS}
EVE = {"name": "Eve", "address": {"line1": "1 Rue Haute", "city": "Paris", "country": "FR"}}
_BROWSER = {"client_secret": "$create.client_secret", "payment_method": "pm_card_visa"}


def asks_for(*countries: str) -> dict[str, object]:
    return {"shipping_address_collection": {"allowed_countries": list(countries)}}


SCENARIOS = (
    scenario(
        "Session: asks for an address and a phone number",
        post(
            "create",
            SESSIONS,
            session(**asks_for("US", "DE"), phone_number_collection={"enabled": True}),
        ),
        get("read", f"{SESSIONS}/$create.id"),
    ),
    scenario(
        "Session: an address in a country that isn't supported",
        post("create", SESSIONS, session(**asks_for("DE", "CU"))),
        post("lower case", SESSIONS, session(**asks_for("de"))),
    ),
    scenario(
        "Session: an address in no country",
        post("empty", SESSIONS, session(shipping_address_collection={"allowed_countries": ""})),
    ),
    scenario(
        "Intent: the server sets, changes and removes the shipping address",
        post("create", INTENTS, intent(shipping=ADA)),
        post("change", f"{INTENTS}/$create.id", {"shipping": {**ADA, "name": "Bob"}}),
        post("remove", f"{INTENTS}/$create.id", {"shipping": ""}),
    ),
    scenario(
        "Intent: a shipping address without a name, and in no country",
        post("no name", INTENTS, intent(shipping={"address": _ADDRESS})),
        post("no country", INTENTS, intent(shipping={**ADA, "address": {"country": "XX"}})),
    ),
    scenario(
        "Intent: the charge has the shipping address",
        post("create", INTENTS, intent(shipping=ADA)),
        post("pay", _CONFIRM, {"payment_method": "pm_card_visa"}),
        get("charge", "/v1/charges/$pay.latest_charge"),
    ),
    scenario(
        "Intent: a browser sends the shipping address",
        post("create", INTENTS, intent()),
        post("pay", _CONFIRM, {**_BROWSER, "shipping": EVE}, key="publishable"),
        get("read", f"{INTENTS}/$create.id"),
    ),
    scenario(
        "Intent: a browser changes the shipping address of the server",
        post("create", INTENTS, intent(shipping=ADA)),
        post("pay", _CONFIRM, {**_BROWSER, "shipping": EVE}, key="publishable"),
        get("read", f"{INTENTS}/$create.id"),
    ),
    scenario(
        "Intent: the suffix of the bank statement",
        post("create", INTENTS, intent(statement_descriptor_suffix="7K3F-9QXM")),
        post("too long", INTENTS, intent(statement_descriptor_suffix="TWENTY-THREE CHARACTERS")),
        post("no letter", INTENTS, intent(statement_descriptor_suffix="7393-9999")),
        post("asterisk", INTENTS, intent(statement_descriptor_suffix="ORDER*7")),
    ),
)
