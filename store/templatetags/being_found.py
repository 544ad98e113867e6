"""What search engines and messengers read about a page.

{{ path|absolute }}, {{ picture|picture_address }}: the address with BASE_URL.
{{ text|one_line }}, {{ html|one_line_of_html }}: the beginning of a text.
{% canonical_list as path %}: the one address of a list of items.
"""

from django import template
from django.template import Context
from django.urls import reverse

from store.structured_data import picture_address
from store.summary import one_line, one_line_of_html
from web.addresses import absolute

register = template.Library()
register.filter("absolute", absolute)
register.filter("picture_address", picture_address)
register.filter("one_line", one_line)
register.filter("one_line_of_html", one_line_of_html)

# The parameters that show other items, and not only in another order.
CANONICAL = ("collection", "currency", "after")


@register.simple_tag(takes_context=True)
def canonical_list(context: Context) -> str:
    sent = context["request"].GET
    given = {name: sent[name] for name in CANONICAL if sent.get(name)}
    return reverse("store:item-list", query=given or None)
