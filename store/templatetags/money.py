"""{{ amount|money:currency }}: format an amount of minor units in the reader's language."""

from django import template
from django.utils.translation import get_language

from store.money import format_money

register = template.Library()


@register.filter
def money(amount: int, currency: str) -> str:
    return format_money(amount, currency, get_language() or "en")
