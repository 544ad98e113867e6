"""The languages of Stripe's page."""

# https://docs.stripe.com/api/checkout/sessions/create ("locale")
LOCALES = (
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl"
    " pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
).split()
BY_LANGUAGE = {locale.lower(): locale for locale in LOCALES} | {
    "es-ar": "es-419",
    "es-co": "es-419",
    "es-mx": "es-419",
    "es-ni": "es-419",
    "es-ve": "es-419",
    "hi": "hi-IN",
    "nn": "nb",
    "no": "nb",
    "tl": "fil",
    "zh-hans": "zh",
    "zh-hant": "zh-TW",
}


def locale_of(language: str) -> str:
    """Stripe's locale for one of Django's language codes, or for the language without its country.

    "auto" lets Stripe follow the browser.
    """
    code = language.lower().replace("_", "-")
    return BY_LANGUAGE.get(code) or BY_LANGUAGE.get(code.split("-")[0], "auto")
