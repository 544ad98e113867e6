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
    _lower_headings([each for each in tokens if each.type in ("heading_open", "heading_close")])
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener",
    )
    return mark_safe(clean)  # noqa: S308  # nh3 has cleaned it


def _lower_headings(headings: list[Token]) -> None:
    """Make the highest level <h2>: some people begin with "#", others with "##"."""
    levels = [int(each.tag[1]) for each in headings]
    for heading, level in zip(headings, levels, strict=True):
        heading.tag = f"h{min(level - min(levels) + 2, 6)}"
