"""The form of a row in the admin, as a browser sends it."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class _Form(HTMLParser):
    """Collects what the fields of a page would send."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Any] = {}
        self.open = ""  # the textarea or select that the parser is in

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag in ("textarea", "select"):
            self.open = name
            self.sent[name] = [] if "multiple" in given else ""
        elif tag == "option" and "selected" in given:
            if isinstance(self.sent[self.open], list):
                self.sent[self.open].append(value)
            else:
                self.sent[self.open] = value
        elif tag == "input" and given.get("type") == "checkbox":
            self.sent |= {name: "on"} if "checked" in given else {}
        elif tag == "input" and given.get("type") not in ("submit", "file"):
            self.sent[name] = value

    def handle_data(self, text: str) -> None:
        if self.lasttag == "textarea" and self.open:
            self.sent[self.open] += text

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # The first newline of a textarea is only in the page.
            self.sent[self.open] = self.sent[self.open].removeprefix("\n")
        if tag in ("textarea", "select"):
            self.open = ""


def fields_of(page: str) -> dict[str, Any]:
    """What a browser sends for the form of this page of the admin."""
    form = _Form()
    form.feed(page[page.index('id="content-main"') :])
    return {name: value for name, value in form.sent.items() if name and name[0] != "_"}


def opened_form(client: Client, address: str) -> dict[str, Any]:
    return fields_of(client.get(address).content.decode())


def save(client: Client, address: str, form: dict[str, Any], **changes: Any) -> str:
    """Send the form with changes; None unticks a box. Return the page, or "" if it was saved."""
    sent = {name: value for name, value in (form | changes).items() if value is not None}
    answer = client.post(address, sent)
    return "" if answer.status_code == 302 else answer.content.decode()
