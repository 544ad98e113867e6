"""Stripe's currencies: their minor units, minimum amounts and symbols."""

from decimal import Decimal

CURRENCIES = frozenset(
    """
    aed afn all amd aoa ars aud awg azn bam bbd bdt bhd bif bmd bnd bob brl bsd bwp byn bzd
    cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq
    gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd
    lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk
    php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top
    try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw
    """.split()
)
# In minor units: eight digits (docs.stripe.com/api/payment_intents/create). The shop has the same
# bound; docs.stripe.com/currencies allows twelve digits with some cards.
MAX_AMOUNT = 99_999_999
ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
ZERO_DECIMAL_IN_HUNDREDTHS = frozenset({"isk", "ugx"})

# In major units (docs.stripe.com/currencies). Stripe applies the minimum of the currency in which
# the account is paid out; the local Stripe applies that of the payment's own currency.
MINIMUMS = {
    "aed": "2", "aud": ".50", "brl": ".50", "cad": ".50", "chf": ".50", "czk": "15",
    "dkk": "2.50", "eur": ".50", "gbp": ".30", "hkd": "4", "huf": "175", "inr": ".50", "jpy": "50",
    "krw": "50", "mxn": "10", "myr": "2", "nok": "3", "nzd": ".50", "pln": "2", "ron": "2",
    "sek": "3", "sgd": ".50", "thb": "10", "usd": ".50",
}  # fmt: skip

# For currencies without a minimum: about as many major units as a dollar buys. Stripe converts the
# amount into the currency in which the account is paid out; here that is always the dollar.
UNITS_PER_DOLLAR = {
    "afn": 70, "all": 90, "amd": 390, "ars": 1400, "bdt": 120, "bif": 2950, "cdf": 2800,
    "clp": 950, "cop": 4000, "crc": 500, "djf": 178, "dzd": 130, "gnf": 8650, "gyd": 209,
    "idr": 16500, "isk": 125, "kes": 129, "khr": 4000, "kmf": 425, "kzt": 530, "lak": 21600,
    "lbp": 89500, "lkr": 300, "mga": 4450, "mmk": 2100, "mnt": 3570, "mwk": 1730, "ngn": 1500,
    "pkr": 280, "pyg": 7200, "rsd": 100, "rwf": 1445, "sos": 571, "tzs": 2480, "ugx": 3550,
    "uzs": 12300, "vnd": 26300, "vuv": 120, "xaf": 565, "xof": 565, "xpf": 103, "yer": 240,
}  # fmt: skip
MIN_CENTS = 50

SYMBOLS = {
    "usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "krw": "₩", "brl": "R$",
    "cad": "CA$", "aud": "A$", "nzd": "NZ$", "mxn": "MX$", "hkd": "HK$", "ils": "₪", "vnd": "₫",
    "rub": "₽",
}  # fmt: skip


def per_unit(currency: str) -> int:
    """The number of minor units in one major unit, as the API counts them."""
    if currency in ZERO_DECIMAL:
        return 1
    return 1000 if currency in THREE_DECIMAL else 100


def charge_step(currency: str) -> int:
    """The step, in minor units, in which amounts can be charged.

    ISK and UGX have no decimals but are sent in hundredths; three-decimal amounts must end in 0
    (docs.stripe.com/currencies#special-cases).
    """
    if currency in ZERO_DECIMAL_IN_HUNDREDTHS:
        return 100
    return 10 if currency in THREE_DECIMAL else 1


def minimum(currency: str) -> int:
    """The minimum charge in minor units; 0 where Stripe names none."""
    return int(Decimal(MINIMUMS.get(currency, "0")) * per_unit(currency))


def cents(amount: int, currency: str) -> int | None:
    """About as many US cents as an amount in minor units; None if the rate isn't known."""
    if currency in MINIMUMS or currency not in UNITS_PER_DOLLAR:
        return None
    return int(Decimal(amount) / per_unit(currency) / UNITS_PER_DOLLAR[currency] * 100)


def too_small_to_convert(amount: int, currency: str) -> bool:
    converted = cents(amount, currency)
    return converted is not None and converted < MIN_CENTS


def approximately(amount: int, currency: str) -> str:
    """The sentence about the converted amount: `1.00 USh converts to approximately $0.00.`"""
    decimals = len(str(per_unit(currency))) - 1
    number = f"{Decimal(amount) / per_unit(currency):.{decimals}f}"
    name = {"ugx": "USh"}.get(currency, currency.upper())
    converted = Decimal(cents(amount, currency) or 0) / 100
    return f"{number} {name} converts to approximately ${converted:.2f}."


def display(amount: int, currency: str) -> str:
    """An amount in minor units as text: `$1,234.50`, `¥500`, `CHF 12.00`."""
    decimals = len(str(per_unit(currency))) - 1
    if currency in ZERO_DECIMAL_IN_HUNDREDTHS:
        decimals = 0
    number = f"{Decimal(abs(amount)) / per_unit(currency):,.{decimals}f}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency.upper() + ' ')}{number}"
