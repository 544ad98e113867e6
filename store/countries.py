"""The countries: their two-letter codes of ISO 3166-1, as Stripe wants them, and their names."""

from collections.abc import Collection
from functools import lru_cache
from unicodedata import combining, normalize

from babel import Locale

from web.language import language_of_page

COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM
    ZW
    """.split()
)

# The countries in which Stripe doesn't collect shipping addresses:
# https://docs.stripe.com/api/checkout/sessions/create ("shipping_address_collection")
WITHOUT_ADDRESSES = frozenset("AS CC CU CX FM HM IR KP MH MP NF PW SD SY UM VI".split())
SHIPPING_COUNTRIES = COUNTRIES - WITHOUT_ADDRESSES

# Codes that people type for a country, and the code that ISO 3166-1 has for it.
OFTEN_TYPED = {"UK": "GB", "EL": "GR"}


def country_name(code: str) -> str:
    """The country's name in the reader's language; the code itself if it has no name."""
    return _names(language_of_page()).get(code, code)


def country_code(typed: str) -> str:
    """The code of a country that somebody typed as a code or a name; "" if there is none."""
    code = OFTEN_TYPED.get(typed.upper(), typed.upper())
    if code in COUNTRIES:
        return code
    for language in (language_of_page(), "en"):
        for each, name in _names(language).items():
            if _without_accents(name) == _without_accents(typed):
                return each
    return ""


def sorted_countries(codes: Collection[str]) -> list[tuple[str, str]]:
    """Codes and names of these countries, in the order in which the reader looks for them."""
    names = _names(language_of_page())
    return [(code, name) for code, name in names.items() if code in codes]


@lru_cache
def _names(language: str) -> dict[str, str]:
    """The names of all countries by their codes, sorted by the names."""
    territories = Locale.parse(language, sep="-").territories
    names = {code: territories[code] for code in COUNTRIES}
    return dict(sorted(names.items(), key=lambda each: _without_accents(each[1])))


def _without_accents(name: str) -> str:
    """Sort Åland before Albania: drop what Unicode adds to a letter, and capitals."""
    return "".join(c for c in normalize("NFKD", name) if not combining(c)).casefold()
