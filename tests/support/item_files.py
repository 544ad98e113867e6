"""Export and import of items in the admin, as staff do it."""

import re
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from store.models import Collection, Item

LIST = "/admin/store/item/"
IMPORT = f"{LIST}import/"
ATTRIBUTES = (
    *("name", "description", "price", "currency", "stock"),
    *("needs_shipping", "is_listed", "position", "words"),
)
SPECIAL_TEXTS = [
    *("=1+1", "'=x", "''", '-50 % "Mug"', "@you", "+1", "Кружка; Tasse, café", "# 7"),
    "It’s <b>",
]


def items_of_all_kinds(make_item: Any) -> list[Item]:
    """Items with all that a file can hold."""
    kitchen = Collection.objects.create(name="Kitchen", slug="kitchen")
    paper = Collection.objects.create(name="Paper", slug="paper")
    items = [make_item(name=text, description=f"{text}\nline 2") for text in SPECIAL_TEXTS]
    items += [
        make_item(stock=0, position=5, is_listed=False),
        make_item(stock=12, needs_shipping=False, price=Decimal("1234.50"), currency="EUR"),
    ]
    items[0].collections.set([kitchen, paper])
    items[1].collections.set([paper])
    return items


def stored() -> list[tuple[Any, ...]]:
    items = Item.objects.order_by("pk").prefetch_related("collections")
    return [
        (
            *(getattr(item, name) for name in ATTRIBUTES),
            sorted(each.slug for each in item.collections.all()),
        )
        for item in items
    ]


def exported(client: Client, kind: str = "csv", query: str = "") -> bytes:
    answer = client.get(f"{LIST}export.{kind}?{query}")
    assert answer.status_code == 200
    assert f"items.{kind}" in answer["Content-Disposition"]
    return answer.getvalue()


def uploaded(client: Client, content: bytes | str, name: str = "items.csv", **values: str) -> str:
    body = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, body), **values}).text


def packed_of(page: str) -> str:
    found = re.search(r'name="packed" value="([^"]+)"', page)
    assert found, page
    return found[1]


def confirmed(client: Client, page: str) -> str:
    return client.post(IMPORT, {"packed": packed_of(page)}, follow=True).text


def mistakes_of(page: str) -> list[tuple[str, str, str]]:
    cells = r"<tr>\s*<td>(\d+)</td>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*</tr>"
    return re.findall(cells, page)


def xlsx(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()
