"""Money as Stripe counts it: integers in a currency's minor unit.

The tables are Stripe's, not ISO 4217's: https://docs.stripe.com/currencies
Every function raises InvalidAmount for a currency that Stripe doesn't have.
"""

import functools
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency, get_currency_precision

# Charged in whole units: 500 is 500 yen.
ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
# Used without decimals, but Stripe wants the amount times 100.
ZERO_DECIMAL_TIMES_100 = frozenset("ISK UGX".split())
# Times 1000, and the last digit must be 0.
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())
TWO_DECIMAL = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF "
    "CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK "
    "SGD SHP SLE SOS SRD STD SVC SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD XCG YER "
    "ZAR ZMW".split()
)
CURRENCIES = ZERO_DECIMAL | ZERO_DECIMAL_TIMES_100 | TWO_DECIMAL | THREE_DECIMAL
# In minor units: "The amount value supports up to eight digits"
# (https://docs.stripe.com/api/payment_intents/object, "amount").
MAXIMUM_AMOUNT = 99_999_999
# In units, for the currencies that Stripe lists: https://docs.stripe.com/currencies ("Minimum and
# maximum charge amounts"). Stripe applies it after converting to the settlement currency.
MINIMUM_AMOUNTS = {
    "AED": Decimal("2"),
    "ARS": Decimal("0.50"),
    "AUD": Decimal("0.50"),
    "BRL": Decimal("0.50"),
    "CAD": Decimal("0.50"),
    "CHF": Decimal("0.50"),
    "COP": Decimal("0.50"),
    "CZK": Decimal("15"),
    "DKK": Decimal("2.50"),
    "EUR": Decimal("0.50"),
    "GBP": Decimal("0.30"),
    "HKD": Decimal("4"),
    "HUF": Decimal("175"),
    "IDR": Decimal("0.50"),
    "ILS": Decimal("0.50"),
    "INR": Decimal("0.50"),
    "JPY": Decimal("50"),
    "KRW": Decimal("50"),
    "MXN": Decimal("10"),
    "MYR": Decimal("2"),
    "NOK": Decimal("3"),
    "NZD": Decimal("0.50"),
    "PHP": Decimal("0.50"),
    "PLN": Decimal("2"),
    "RON": Decimal("2"),
    "RUB": Decimal("0.50"),
    "SEK": Decimal("3"),
    "SGD": Decimal("0.50"),
    "THB": Decimal("10"),
    "USD": Decimal("0.50"),
    "ZAR": Decimal("0.50"),
}


class InvalidAmount(ValueError):
    """The amount has more decimals than the currency, or Stripe doesn't have the currency."""


def decimals(currency: str) -> int:
    """The number of decimals that an amount may have at Stripe (USD: 2, JPY: 0, KWD: 2)."""
    if currency in ZERO_DECIMAL or currency in ZERO_DECIMAL_TIMES_100:
        return 0
    # A third digit exists, but Stripe only takes 0 there.
    return 2 if currency in TWO_DECIMAL or currency in THREE_DECIMAL else _unknown(currency)


def charge_step(currency: str) -> int:
    """The smallest difference between two charges, in minor units (USD: 1, KWD: 10, ISK: 100)."""
    return int(10 ** (_exponent(currency) - decimals(currency)))


def maximum(currency: str) -> Decimal:
    """The highest amount that Stripe accepts, in units of `currency` (USD: 999999.99)."""
    return from_minor(maximum_amount(currency), currency)


def maximum_amount(currency: str) -> int:
    """The highest amount that Stripe accepts, in minor units (USD: 99999999, ISK: 99999900)."""
    return MAXIMUM_AMOUNT // charge_step(currency) * charge_step(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """Convert units of `currency` to minor units (19.99 USD: 1999). Never rounds.

    Raises InvalidAmount if the amount has more decimals than the currency allows.
    """
    if amount != round(amount, decimals(currency)):
        raise InvalidAmount(f"{amount} has more decimals than {currency} allows")
    return int(amount.scaleb(_exponent(currency)))


def from_minor(amount: int, currency: str) -> Decimal:
    """Convert minor units to units (1999 USD: 19.99, 1230 KWD: 1.230)."""
    return (
        Decimal(amount)
        .scaleb(-_exponent(currency))
        .quantize(Decimal(1).scaleb(-_exponent(currency) if decimals(currency) else 0))
    )


@functools.lru_cache(maxsize=10_000)  # the same prices are shown again and again
def format_money(amount: int, currency: str, language: str) -> str:
    """Write `amount` minor units of `currency` as `language` does (en: $19.99)."""
    locale = Locale.parse(language, sep="-")
    units = from_minor(amount, currency)
    # CLDR drops the decimals of some currencies that Stripe charges (LAK, RSD): keep them.
    shows_all = get_currency_precision(currency) >= decimals(currency)
    return format_currency(units, currency, locale=locale, currency_digits=shows_all)


def _exponent(currency: str) -> int:
    """A unit is 10 to this power minor units."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def _unknown(currency: str) -> int:
    raise InvalidAmount(f"{currency} is not a currency of Stripe's")
