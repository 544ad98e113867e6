"""{{ amount|money:currency }}: format an amount of minor units in the reader's language."""

from django import template

from store.money import format_money
from web.language import language_of_page

register = template.Library()


@register.filter
def money(amount: int, currency: str) -> str:
    return format_money(amount, currency, language_of_page())
