"""Render a mail: plain text and HTML from one Markdown template, in the reader's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import translation

from notifications.models import TO_STAFF, Mail
from notifications.values import Link, values_of
from store.markdown import to_html
from store.models import Shop

# Any of them can be escaped: https://spec.commonmark.org/0.31.2/#backslash-escapes
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
ESCAPED = re.compile(r"\\" + PUNCTUATION.pattern)
HEADING = re.compile(r"^#+ ", re.MULTILINE)
# Two spaces at the end of a line make the next one begin below it.
LINE_BREAK = re.compile(r"(?<=\S)\n(?=\S)")


class NoStaffAddress(Exception):
    """Nobody is known to whom a mail to staff can be sent."""

    def __init__(self) -> None:
        super().__init__("the shop has no e-mail for orders")


@dataclass(frozen=True)
class Text:
    subject: str
    plain: str
    html: str


def message_of(mail: Mail) -> EmailMultiAlternatives:
    """The message as it is sent now. Raises NoStaffAddress."""
    shop = Shop.current()
    text = render(mail, shop)
    message = EmailMultiAlternatives(
        subject=text.subject,
        body=text.plain,
        from_email=_sender(shop),
        to=[mail.to or staff_address(shop)],
        reply_to=_reply_to(mail, shop),
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(text.html, "text/html")
    return message


def _reply_to(mail: Mail, shop: Shop) -> list[str] | None:
    """Buyers answer the shop, and staff answer the buyer."""
    if mail.to:
        return [shop.email] if shop.email else None
    return [mail.order.email] if mail.order and mail.order.email else None


def render(mail: Mail, shop: Shop) -> Text:
    """The subject is the heading of the template."""
    with translation.override(_language(mail)):
        values = values_of(mail, shop)
        markdown = _fill(mail, _each(values, lambda text: escape(_in_one_line(text))))
        # A line of an address may begin like a heading: its number sign is still escaped here.
        plain = ESCAPED.sub(r"\1", HEADING.sub("", markdown))
        content = to_html(LINE_BREAK.sub("  \n", markdown))
        subject = plain.partition("\n")[0]
        context = {"subject": subject, "content": content}
        html = render_to_string("notifications/mail.html", context)
    return Text(subject, plain, html)


def escape(text: str) -> str:
    """Escape a text of buyers or of the merchant, so that nothing in it is Markdown."""
    return PUNCTUATION.sub(r"\\\1", text)


def staff_address(shop: Shop) -> str:
    """Where mails to staff go. Raises NoStaffAddress."""
    if address := shop.staff_email or shop.email:
        return address
    owners = get_user_model().objects.filter(is_superuser=True, is_active=True).exclude(email="")
    if owner := owners.order_by("pk").first():
        return owner.email
    raise NoStaffAddress


def _language(mail: Mail) -> str:
    """The buyer's, as when Buy was pressed; staff read the shop's."""
    is_to_buyer = mail.order is not None and mail.reason not in TO_STAFF
    language = mail.order.language if mail.order and is_to_buyer else ""
    return language or settings.LANGUAGE_CODE


def _fill(mail: Mail, values: dict[str, Any]) -> str:
    template = get_template(f"notifications/{mail.reason}.md")
    # The values are escaped as Markdown, and not as HTML.
    text = template.template.render(Context(values, autoescape=False))  # type: ignore[attr-defined]
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _each(value: Any, change: Any) -> Any:
    """Change every text in `value`, which may contain dictionaries and lists."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: _each(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [_each(inner, change) for inner in value]
    assert value is None or isinstance(value, int | Link)
    return value


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _sender(shop: Shop) -> str:
    """The shop's name with the address of DEFAULT_FROM_EMAIL."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return str(Address(display_name=_in_one_line(shop.name), addr_spec=address))
