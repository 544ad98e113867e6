"""{{ code|country }}: the name of a country in the reader's language."""

from babel import Locale
from django import template
from django.conf import settings
from django.utils.translation import get_language

register = template.Library()


@register.filter
def country(code: str) -> str:
    """The code itself if it has no name."""
    locale = Locale.parse(get_language() or settings.LANGUAGE_CODE, sep="-")
    return str(locale.territories.get(code, code))
