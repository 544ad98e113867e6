"""Descriptions of pages for search engines, from the merchant's texts."""

from html import unescape

from django.utils.html import strip_tags
from django.utils.text import Truncator

LENGTH = 155  # search engines show about as much


def one_line(text: str) -> str:
    """The beginning of a text, without its line breaks."""
    return Truncator(" ".join(text.split())).chars(LENGTH)


def one_line_of_html(html: str) -> str:
    """The beginning of what readers see of the HTML."""
    return one_line(unescape(strip_tags(html)))
