from html.parser import HTMLParser

import pytest

from store.markdown import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Returns\n## Address", "<h2>Returns</h2>\n<h3>Address</h3>\n"),
        ("## Returns\n### Address", "<h2>Returns</h2>\n<h3>Address</h3>\n"),
        ("# Returns\n###### Small", "<h2>Returns</h2>\n<h6>Small</h6>\n"),
    ],
)
def test_headings_begin_below_the_title_of_the_page(text: str, html: str) -> None:
    assert to_html(text) == html


def test_knows_lists_emphasis_links_and_tables() -> None:
    html = to_html("* **14** days\n\n[Terms](/pages/terms)\n\n| To | Days |\n|---|--:|\n| DE | 2 |")
    assert "<li><strong>14</strong> days</li>" in html
    assert '<a href="/pages/terms" rel="noopener">Terms</a>' in html
    assert "<td>DE</td>" in html
    assert "style=" not in html


class _Tags(HTMLParser):
    """Collects the tags of a text, their attributes and where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _value in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[press](javascript:alert(1))",
        "[press](data:text/html,<script>alert(1)</script>)",
        "![picture](https://evil.example/pixel.png)",
        '<https://a.example/"onmouseover=alert(1)>',
    ],
)
def test_html_scripts_and_pictures_do_not_get_into_the_page(text: str) -> None:
    found = _Tags()
    found.feed(to_html(text))
    assert found.names <= {"p", "a"}
    assert found.attributes <= {"href", "rel"}
    assert not any(address.startswith(("javascript:", "data:")) for address in found.addresses)
