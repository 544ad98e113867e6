"""What the Payment Element says, in the languages that it speaks here."""

ENGLISH = {
    "method": "Pay by",
    "card": "Card",
    "sepa_debit": "SEPA debit",
    "number": "Card number",
    "expiry": "Expiration date",
    "cvc": "Security code",
    "cvc_hint": "CVC",
    "iban": "IBAN",
    "expiry_hint": "MM / YY",
    "note": "Local Stripe: no money moves.",
    "incomplete_number": "Your card number is incomplete.",
    "invalid_number": "Your card number is invalid.",
    "incomplete_expiry": "Your card's expiration date is incomplete.",
    "invalid_expiry_year_past": "Your card's expiration year is in the past.",
    "incomplete_cvc": "Your card's security code is incomplete.",
    "incomplete_iban": "Your IBAN is incomplete.",
    "invalid_iban": "Your IBAN is invalid.",
}
RUSSIAN = {
    "method": "Способ оплаты",
    "card": "Карта",
    "sepa_debit": "Дебет SEPA",
    "number": "Номер карты",
    "expiry": "Срок действия",
    "cvc": "Код безопасности",
    "cvc_hint": "CVC",
    "iban": "IBAN",
    "expiry_hint": "ММ / ГГ",
    "note": "Локальный Stripe: деньги не списываются.",
    "incomplete_number": "Номер карты введён не полностью.",
    "invalid_number": "Номер карты неверен.",
    "incomplete_expiry": "Срок действия карты введён не полностью.",
    "invalid_expiry_year_past": "Срок действия карты истёк.",
    "incomplete_cvc": "Код безопасности введён не полностью.",
    "incomplete_iban": "IBAN введён не полностью.",
    "invalid_iban": "IBAN неверен.",
}


def texts(locale: str) -> tuple[str, dict[str, str]]:
    """The language, and its texts: English where there are no others."""
    return ("ru", RUSSIAN) if locale.partition("-")[0] == "ru" else ("en", ENGLISH)
