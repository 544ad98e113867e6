"""The calls about tax rates."""

from typing import Any

from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.pagination import page
from stripe_sandbox.http.supported_parameters import TAX_RATE, TAX_RATE_LIST, refuse_unsupported
from stripe_sandbox.resources.tax_rates import create_tax_rate, tax_rate_json


def make_tax_rate(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, TAX_RATE)
    tax_rate = create_tax_rate(call.params, now=call.sandbox.now())
    answer = call.expanded(tax_rate_json(tax_rate))
    call.account.tax_rates[tax_rate.id] = tax_rate
    return answer


def read_tax_rate(call: Call) -> dict[str, Any]:
    return call.expanded(tax_rate_json(call.get_or_404(call.account.tax_rates, "tax rate")))


def change_tax_rate(call: Call) -> dict[str, Any]:
    """Change anything but `percentage` and `inclusive`."""
    refuse_unsupported(call.params, TAX_RATE)
    tax_rate = call.get_or_404(call.account.tax_rates, "tax rate")
    metadata = call.metadata(tax_rate.metadata)
    tax_rate.change(call.params)
    tax_rate.metadata = metadata
    return call.expanded(tax_rate_json(tax_rate))


def list_tax_rates(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, TAX_RATE_LIST)
    wanted = {name: call.params[name] for name in ("active", "inclusive") if name in call.params}
    newest_first = [tax_rate_json(each) for each in reversed(call.account.tax_rates.values())]
    fitting = [each for each in newest_first if wanted.items() <= each.items()]
    return call.expanded(page(fitting, call.params, url="/v1/tax_rates"))


ONE = "/v1/tax_rates/{id}"
OPERATIONS = (
    Operation(
        "POST", "/v1/tax_rates", "_tax_rate_create_params", "TaxRateCreateParams", make_tax_rate
    ),
    Operation("GET", "/v1/tax_rates", "_tax_rate_list_params", "TaxRateListParams", list_tax_rates),
    Operation("GET", ONE, "_tax_rate_retrieve_params", "TaxRateRetrieveParams", read_tax_rate),
    Operation("POST", ONE, "_tax_rate_update_params", "TaxRateUpdateParams", change_tax_rate),
)
