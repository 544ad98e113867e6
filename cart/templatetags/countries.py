"""Countries in templates.

{{ code|country }}: a country's name. {% country_options codes chosen %}: the options of a select.
"""

from collections.abc import Sequence
from functools import lru_cache

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from store.countries import country_name, sorted_countries
from web.language import language_of_page

register = template.Library()
register.filter("country", country_name)


@register.simple_tag
def country_options(codes: Sequence[str], chosen: str) -> SafeString:
    return _options(tuple(codes), chosen, language_of_page())


@lru_cache(maxsize=64)  # a shop that sends everywhere has 230 of them in every cart
def _options(codes: tuple[str, ...], chosen: str, _language: str) -> SafeString:
    return format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        (
            (code, " selected" if code == chosen else "", name)
            for code, name in sorted_countries(frozenset(codes))
        ),
    )
