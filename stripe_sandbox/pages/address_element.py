"""The frame of the Address Element: where a parcel is sent to."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox.http.errors import StripeError
from stripe_sandbox.pages.frames import account_of, frame_context
from stripe_sandbox.pages.rendering import country_name, render
from stripe_sandbox.resources.addresses import required_in

ENGLISH = {
    "name": "Full name",
    "country": "Country or region",
    "line1": "Address line 1",
    "line2": "Address line 2 (optional)",
    "city": "City",
    "postal_code": "Postal code",
    "state": "State or province",
    "phone": "Phone number",
    "note": "Local Stripe: nothing is sent.",
    "incomplete_name": "Your name is incomplete.",
    "incomplete_line1": "Your address is incomplete.",
    "incomplete_city": "Your city is incomplete.",
    "incomplete_postal_code": "Your postal code is incomplete.",
    "incomplete_state": "Your state or province is incomplete.",
    "incomplete_phone": "Your phone number is incomplete.",
}
RUSSIAN = {
    "name": "Полное имя",
    "country": "Страна или регион",
    "line1": "Адрес, строка 1",
    "line2": "Адрес, строка 2 (необязательно)",
    "city": "Город",
    "postal_code": "Почтовый индекс",
    "state": "Регион",
    "phone": "Телефон",
    "note": "Локальный Stripe: ничего не отправляется.",
    "incomplete_name": "Имя введено не полностью.",
    "incomplete_line1": "Адрес введён не полностью.",
    "incomplete_city": "Город введён не полностью.",
    "incomplete_postal_code": "Почтовый индекс введён не полностью.",
    "incomplete_state": "Регион введён не полностью.",
    "incomplete_phone": "Телефон введён не полностью.",
}


async def address_frame(request: Request) -> Response:
    context = frame_context(request, ENGLISH, RUSSIAN)
    context["phone"] = request.query_params.get("phone", "never")
    context["countries"] = _countries(request, language=context["language"])
    try:
        account_of(request)
    except StripeError as error:
        context["error"] = error.body()["error"]
    return render(request, "address_element.html", context, 200)


def _countries(request: Request, *, language: str) -> list[tuple[str, str, list[str]]]:
    """Code, name and required fields of the countries that the buyer can choose, by name."""
    codes = request.query_params.get("countries", "").split()
    named = [(code, country_name(code, language), required_in(code)) for code in codes]
    return sorted(named, key=lambda country: country[1])


ROUTES = [Route("/v3/elements/address", address_frame)]
