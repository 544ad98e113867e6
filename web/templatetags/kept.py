"""{% kept shop footer_pages %}…{% endkept %}: a part of a page that is the same for all visitors.

The process keeps the rendered part for each language, until one of the named variables is another
object. The part sees no other variables, so it can't show what belongs to one visitor.
"""

from operator import is_

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.template.loader_tags import BlockNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.tag
def kept(parser: Parser, token: Token) -> Node:
    names = token.split_contents()[1:]
    nodelist = parser.parse(["endkept"])
    parser.delete_first_token()
    if nodelist.get_nodes_by_type(BlockNode):
        raise template.TemplateSyntaxError("{% kept %} has a block, which differs between pages.")
    return KeptNode({name: parser.compile_filter(name) for name in names}, nodelist)


class KeptNode(Node):
    def __init__(self, variables: dict[str, FilterExpression], nodelist: NodeList) -> None:
        self.variables, self.nodelist = variables, nodelist
        # For each language, the values of the variables and what was rendered with them.
        self.kept: dict[str | None, tuple[list[object], SafeString]] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        values = [each.resolve(context) for each in self.variables.values()]
        kept = self.kept.get(language)
        if kept and not settings.DEBUG and all(map(is_, kept[0], values)):
            return kept[1]
        own_context = context.new(dict(zip(self.variables, values, strict=True)))
        text = self.nodelist.render(own_context)
        self.kept[language] = values, text
        return text
