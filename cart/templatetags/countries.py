"""{{ code|country }}: a country's name. {{ codes|by_country_name }}: codes and names, sorted."""

from django import template

from store.countries import country_name, sorted_countries

register = template.Library()
register.filter("country", country_name)
register.filter("by_country_name", sorted_countries)
