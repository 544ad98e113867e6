"""Turn the Markdown of staff into HTML that is safe in a page."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("strong", "em", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
SCHEMES = {"http", "https", "mailto", "tel"}

# Pictures are off: the content security policy allows none of other sites.
_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_parser.disable("image")


def to_html(text: str) -> SafeString:
    """Render `text`, with HTML in it shown as text. Its headings begin at <h2>, below the title."""
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            _lower(token)
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener",
    )
    return mark_safe(clean)  # noqa: S308  # nh3 has cleaned it


def _lower(heading: Token) -> None:
    heading.tag = f"h{min(int(heading.tag[1]) + 1, 6)}"
