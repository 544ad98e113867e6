"""Tax rates (docs.stripe.com/api/tax_rates). Percentage and inclusiveness never change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stripe_sandbox.http.bounds import check_lengths, check_own_metadata, check_percentage
from stripe_sandbox.http.errors import StripeError, no_such
from stripe_sandbox.http.ids import new_id
from stripe_sandbox.http.validation import Params
from stripe_sandbox.money.rounding import Rate
from stripe_sandbox.resources.addresses import check_country

MAX_LENGTHS = {"display_name": 50, "jurisdiction": 50}
CHANGEABLE = (
    "active",
    "country",
    "description",
    "display_name",
    "jurisdiction",
    "state",
    "tax_type",
)


@dataclass
class TaxRate:
    """A tax rate; an archived one (`active` is false) can't be used for new sessions."""

    id: str
    created: int
    rate: Rate
    display_name: str
    metadata: dict[str, str]
    active: bool = True
    country: str | None = None
    description: str | None = None
    jurisdiction: str | None = None
    state: str | None = None
    tax_type: str | None = None

    def change(self, params: Params) -> None:
        """Apply an update. Raises `StripeError` for a wrong text or country."""
        _check_texts(params)
        for name in CHANGEABLE:
            setattr(self, name, params.get(name, getattr(self, name)))


def create_tax_rate(params: Params, *, now: int) -> TaxRate:
    """A new tax rate. Raises `StripeError` for wrong parameters."""
    _check_texts(params)
    check_own_metadata(params)
    check_percentage(params["percentage"], "percentage", least="0", decimals=4)
    return TaxRate(
        id=new_id("txr"),
        created=now,
        rate=Rate(params["percentage"], params["inclusive"]),
        metadata=params.get("metadata", {}),
        **{name: params[name] for name in CHANGEABLE if name in params},
    )


def _check_texts(params: Params) -> None:
    check_lengths(params, MAX_LENGTHS)
    check_country(params.get("country"), "country")


def rates_to_apply(known: Mapping[str, TaxRate], ids: list[str], name: str) -> list[TaxRate]:
    """The tax rates of a line of a new session. Raises `StripeError` if one can't be applied."""
    for position, rate_id in enumerate(ids):
        param = f"{name}[{position}]"
        if rate_id not in known:
            raise no_such("tax rate", rate_id, param=param, is_kept=True)
        if not known[rate_id].active:
            raise StripeError(
                f"The tax rate `{rate_id}` is inactive and can't be used with a new Checkout "
                "Session.",
                param=param,
                is_kept=True,
            )
        if rate_id in ids[:position]:
            raise StripeError(f"The tax rate `{rate_id}` is given twice.", param=param)
    return [known[rate_id] for rate_id in ids]


def tax_rate_json(tax_rate: TaxRate) -> dict[str, Any]:
    return {
        "id": tax_rate.id,
        "object": "tax_rate",
        "active": tax_rate.active,
        "country": tax_rate.country,
        "created": tax_rate.created,
        "description": tax_rate.description,
        "display_name": tax_rate.display_name,
        "effective_percentage": None,
        "flat_amount": None,
        "inclusive": tax_rate.rate.inclusive,
        "jurisdiction": tax_rate.jurisdiction,
        "jurisdiction_level": None,
        "livemode": False,
        "metadata": tax_rate.metadata,
        "percentage": float(tax_rate.rate.percentage),
        "rate_type": "percentage",
        "state": tax_rate.state,
        "tax_type": tax_rate.tax_type,
    }
