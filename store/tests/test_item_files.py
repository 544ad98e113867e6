"""Export and import of items in the admin."""

import re
from decimal import Decimal
from io import BytesIO
from itertools import count
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from store import item_import, tables
from store.admin import item_files
from store.item_plan import plan
from store.models import Collection, Item
from store.search import Search
from store.sorting import OWN

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


@pytest.fixture
def shop(make_item: Any) -> list[Item]:
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


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_round_trip_gives_the_same_items(
    admin_client: Client, shop: list[Item], kind: str
) -> None:
    before = stored()
    content = exported(admin_client, kind)
    Item.objects.all().delete()
    page = uploaded(admin_client, content, f"items.{kind}", adds_unknown="on")
    assert "11 new items, 0 changed items, 0 unchanged items" in page
    assert not Item.objects.exists()
    assert "The file was imported: 11 new items" in confirmed(admin_client, page)
    assert stored() == before


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_changes_nothing(
    admin_client: Client, shop: list[Item], make_item: Any, kind: str
) -> None:
    make_item(description="as a browser\r\nsends it", currency="JPY", price=500)
    page = uploaded(admin_client, exported(admin_client, kind), f"items.{kind}")
    assert "0 new items, 0 changed items, 12 unchanged items" in page
    assert 'name="packed"' not in page


MISTAKES = [
    ("99999999,Mug,9,USD,,yes,yes,1,", "id", "There is no item with this id"),
    ("x1,Mug,9,USD,,yes,yes,1,", "id", "no number"),
    (",,9,USD,,yes,yes,1,", "name", "This field is required"),
    (f",{'x' * 201},9,USD,,yes,yes,1,", "name", "at most 200 characters"),
    (",Mug,cheap,USD,,yes,yes,1,", "price", "Enter a number"),
    (",Mug,9.005,USD,,yes,yes,1,", "price", "USD has 2 decimals"),
    (",Mug,0,USD,,yes,yes,1,", "price", "more than zero"),
    (",Mug,9,XXX,,yes,yes,1,", "currency", "Its currencies: USD, EUR"),
    (",Mug,9,USD,-2,yes,yes,1,", "stock", "greater than or equal to 0"),
    (",Mug,9,USD,many,yes,yes,1,", "stock", "Enter a whole number"),
    (",Mug,9,USD,,maybe,yes,1,", "needs_shipping", "Write yes or no"),
    (",Mug,9,USD,,yes,2,1,", "is_listed", "Write yes or no"),
    (",Mug,9,USD,,yes,yes,first,", "position", "Enter a whole number"),
    (",Mug,9,USD,,yes,yes,1,garden", "collections", "There is no collection “garden”"),
    (",Mug,9,USD,,yes,yes,1,,rest", "rest", "more cells than the first row"),
    (",M\x00ug,9,USD,,yes,yes,1,", "name", "Null characters are not allowed"),
    (",Mug,9,USD,2147483648,yes,yes,1,", "stock", "less than or equal to 2147483647"),
    (",Mug,9,USD,,yes,yes,2147483648,", "position", "less than or equal to 2147483647"),
    (f"{'9' * 30},Mug,9,USD,,yes,yes,1,", "id", "no number"),
]
COLUMNS = "id,name,price,currency,stock,needs_shipping,is_listed,position,collections"


def test_mistakes_name_row_and_column_and_change_nothing(admin_client: Client, item: Item) -> None:
    good = f"{item.pk},New name,9,USD,1,no,no,2,"
    lines = [COLUMNS, good, *(line for line, _column, _message in MISTAKES), good, ",Good,9,USD"]
    before = stored()
    page = uploaded(admin_client, "\n".join(lines))
    found = mistakes_of(page)
    expected = [(str(row), *rest) for row, (_line, *rest) in enumerate(MISTAKES, start=3)]
    expected.append((str(len(MISTAKES) + 3), "id", "Another row has the same id"))
    for (row, column, message), (found_row, found_column, found_message) in zip(
        expected, found, strict=True
    ):
        assert (row, column) == (found_row, found_column)
        assert message in found_message
    assert "Nothing was changed" in page
    assert 'name="packed"' not in page
    assert stored() == before


def test_a_form_with_mistakes_cannot_be_confirmed(admin_client: Client, item: Item) -> None:
    page = uploaded(admin_client, f"id,name\n{item.pk},New name\n")
    item.delete()
    assert "Items were changed meanwhile" in confirmed(admin_client, page)
    assert not Item.objects.exists()


def test_many_mistakes_are_counted(admin_client: Client) -> None:
    page = uploaded(admin_client, "name\n" + "Mug\n" * 60)
    assert "There are 120 mistakes" in page
    assert len(mistakes_of(page)) == 100


def xlsx(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


UNREADABLE: list[tuple[str, bytes, str]] = [
    ("items.csv", "name\nКружка".encode("cp1251"), "isn’t in UTF-8"),
    ("items.csv", b'name\n"Mug', "isn’t CSV"),
    ("items.csv", b"name,colour\nMug,red", "unknown column, “colour”"),
    ("items.csv", b"name,Name\nMug,Mug", "names the column “name” twice"),
    ("items.csv", b"name,price,,\n\n,,", "The file has no items"),
    ("items.csv", b"\n", "The file has no items"),
    ("items.csv", b"name\n" + b"Mug\n" * 4, "more than 3 rows"),
    ("items.xlsx", b"PK", "isn’t a readable XLSX file"),
    ("items.xlsx", xlsx(["name"], *[["Mug"]] * 4), "more than 3 rows"),
    ("items.ods", b"name\nMug", "ends in .csv or .xlsx"),
    ("items.csv", b"name\n" + b"x" * 2000, "larger than 10 MB"),
]


@pytest.mark.parametrize(("name", "content", "message"), UNREADABLE)
def test_refuses_what_is_no_table(
    admin_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
    message: str,
) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    if "larger" in message:
        monkeypatch.setattr(item_files, "MAX_FILE_BYTES", 1000)
    page = uploaded(admin_client, content, name)
    assert message in page
    assert "packed" not in page


def with_row_number(number: int) -> bytes:
    """A spreadsheet whose second row has this number, and that doesn't say how many it has."""
    source, content = ZipFile(BytesIO(xlsx(["name"], ["Mug"]))), BytesIO()
    with ZipFile(content, "w") as archive:
        for name in source.namelist():
            text = source.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                text = re.sub("<dimension[^>]*>", "", text)
                text = text.replace('<row r="2"', f'<row r="{number}"').replace("A2", f"A{number}")
            archive.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize("number", [1_048_576, 2_000_000_000])
def test_reads_few_of_the_rows_that_a_spreadsheet_leaves_out(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(tables, "MAX_READ_ROWS", 50)
    rows = count()
    monkeypatch.setattr(tables, "_as_text", lambda _value: "" if next(rows) else "name")
    content = with_row_number(number)
    page = uploaded(admin_client, content, "items.xlsx")
    assert "The file has cells below row 50" in page
    assert next(rows) <= 51 * tables.MAX_COLUMNS


def test_counts_the_empty_rows_of_a_text_file(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_READ_ROWS", 50)
    assert "below row 50" in uploaded(admin_client, "name" + "\n" * 51 + "Mug")
    page = uploaded(admin_client, "name,price,currency" + "\n" * 49 + "Mug,9,USD\n")
    assert "1 new item," in page


def test_refuses_a_file_that_unpacks_to_too_much(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_UNPACKED_BYTES", 1000)
    page = uploaded(admin_client, xlsx(["name"], ["Mug"]), "items.xlsx")
    assert "too large" in page


def test_expands_no_entities(admin_client: Client) -> None:
    source, bomb = ZipFile(BytesIO(xlsx(["name"], ["Mug"]))), BytesIO()
    with ZipFile(bomb, "w") as archive:
        for name in source.namelist():
            text = source.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                text = '<!DOCTYPE worksheet [<!ENTITY mug "Mug">]>' + text.replace(
                    "Mug", "&mug;&mug;"
                )
            archive.writestr(name, text)
    assert "isn’t a readable XLSX file" in uploaded(admin_client, bomb.getvalue(), "items.xlsx")


def test_refuses_more_text_than_the_page_can_carry(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, item: Item
) -> None:
    monkeypatch.setattr(item_files, "MAX_PACKED_LENGTH", 100)
    page = uploaded(admin_client, f"id,name\n{item.pk},New name")
    assert "too much text" in page
    assert 'name="packed"' not in page


def test_shows_old_and_new_values_and_changes_only_these(
    admin_client: Client, make_item: Any
) -> None:
    item = make_item(name="Mug", description="Old", stock=3, is_listed=False)
    page = uploaded(
        admin_client, f"id,price,stock,is_listed,needs_shipping\n{item.pk},21.50,,yes,\n,5,,,\n"
    )
    assert "name" in [column for _row, column, _message in mistakes_of(page)]
    page = uploaded(admin_client, f"id,price,stock,is_listed,needs_shipping\n{item.pk},21.50,,yes,")
    for change in ("price</code>: 19.99 → 21.5", "stock</code>: 3 → —", "is_listed</code>: no → y"):
        assert change in page
    assert "needs_shipping</code>" not in page
    Item.objects.filter(pk=item.pk).update(description="Changed meanwhile")
    assert "1 changed item," in confirmed(admin_client, page)
    item.refresh_from_db()
    assert (item.description, item.price, item.stock) == (
        "Changed meanwhile",
        Decimal("21.5"),
        None,
    )
    assert (item.is_listed, item.needs_shipping) == (True, True)
    entry = LogEntry.objects.get()
    assert (entry.object_id, "items.csv" in entry.change_message) == (str(item.pk), True)


def test_moves_an_item_to_other_collections(admin_client: Client, shop: list[Item]) -> None:
    page = uploaded(admin_client, f"id,collections\n{shop[0].pk},paper\n{shop[2].pk},Paper kitchen")
    assert "“Paper”" in page
    page = uploaded(admin_client, f"id,collections\n{shop[0].pk},paper\n{shop[2].pk},paper kitchen")
    assert "collections</code>: kitchen, paper → paper" in page
    confirmed(admin_client, page)
    assert [each.slug for each in shop[0].collections.all()] == ["paper"]
    assert {each.slug for each in shop[2].collections.all()} == {"paper", "kitchen"}
    assert [each.slug for each in shop[1].collections.all()] == ["paper"]


def test_reads_what_excel_saves_in_other_languages(admin_client: Client) -> None:
    page = uploaded(admin_client, "\ufeffName;Price;Currency\r\nTasse;12,50;eur\r\n")
    confirmed(admin_client, page)
    item = Item.objects.get()
    assert (item.name, item.price, item.currency) == ("Tasse", Decimal("12.5"), "EUR")


def test_reads_numbers_and_ticks_of_a_spreadsheet(admin_client: Client) -> None:
    rows = [["name", "price", "currency", "stock", "is_listed", "needs_shipping", None]]
    rows += [["Mug", 0.1 + 19.8, "USD", 7.0, True, False, None], [None], ["Cup", 5, "USD"]]  # type: ignore[list-item]
    confirmed(admin_client, uploaded(admin_client, xlsx(*rows), "Items.XLSX"))
    mug, cup = Item.objects.order_by("pk")
    assert (mug.price, mug.stock) == (Decimal("19.9"), 7)
    assert (mug.is_listed, mug.needs_shipping, cup.is_listed) == (True, False, True)


@pytest.mark.parametrize(
    ("before", "typed", "sold", "after"),
    [(5, 5, 2, 3), (5, 9, 2, 7), (5, 0, 2, 0), (None, 4, 0, 4), (5, "", 1, None)],
)
def test_sales_since_the_export_count(
    admin_client: Client, make_item: Any, before: int | None, typed: Any, sold: int, after: Any
) -> None:
    item = make_item(stock=before)
    content = (
        f"id,position,stock,stock_before\n{item.pk},7,{typed},{'' if before is None else before}"
    )
    Item.objects.take_stock(item.pk, min(sold, 1))
    page = uploaded(admin_client, content)
    Item.objects.take_stock(item.pk, max(sold - 1, 0))
    confirmed(admin_client, page)
    item.refresh_from_db()
    assert (item.stock, item.position) == (after, 7)


@pytest.mark.parametrize(("typed", "after"), [("9", 7), ("", None)])
def test_a_sale_between_comparison_and_writing_counts(
    make_item: Any, admin_user: User, typed: str, after: int | None
) -> None:
    item = make_item(stock=5)
    changes = plan([(2, {"id": str(item.pk), "stock": typed})], adds_unknown=False)
    Item.objects.take_stock(item.pk, 2)
    item_import.carry_out(changes, user=admin_user, message="x")
    item.refresh_from_db()
    assert item.stock == after


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_change_between_comparison_and_writing_is_noticed(
    make_item: Any, admin_user: User, is_deleted: bool
) -> None:
    item, other = make_item(), make_item(name="Other")
    rows = [{"id": str(other.pk), "price": "5"}, {"id": str(item.pk), "price": "5"}]
    changes = plan([*enumerate(rows)], adds_unknown=False)
    if is_deleted:
        item.delete()
    else:
        Item.objects.filter(pk=item.pk).update(price=7)
    with pytest.raises(item_import.ChangedMeanwhile):
        item_import.carry_out(changes, user=admin_user, message="x")
    other.refresh_from_db()
    assert other.price == Decimal("19.99")


def test_somebody_changes_an_item_before_the_import_is_confirmed(
    admin_client: Client, item: Item
) -> None:
    page = uploaded(admin_client, f"id,price\n{item.pk},25")
    Item.objects.filter(pk=item.pk).update(price=30)
    page = confirmed(admin_client, page)
    assert "Items were changed meanwhile, so nothing was imported" in page
    assert "30 → 25" in page
    assert Item.objects.get().price == 30
    confirmed(admin_client, page)
    assert Item.objects.get().price == 25


def test_a_second_press_adds_nothing(admin_client: Client) -> None:
    page = uploaded(admin_client, "name,price,currency\nMug,9,USD")
    confirmed(admin_client, page)
    assert "imported already" in confirmed(admin_client, page)
    assert Item.objects.count() == 1
    confirmed(admin_client, uploaded(admin_client, "name,price,currency\nMug,9,USD"))
    assert Item.objects.count() == 2


@pytest.mark.parametrize("packed", ["", "made-up", None])
def test_takes_only_its_own_form_back_and_not_for_ever(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, packed: str | None
) -> None:
    if packed is None:
        packed = packed_of(uploaded(admin_client, "name,price,currency\nMug,9,USD"))
        monkeypatch.setattr(item_files, "PACKED_SECONDS", -1)
    answer = admin_client.post(IMPORT, {"packed": packed}, follow=True)
    assert "Choose the file again" in answer.text
    assert not Item.objects.exists()


def lines_of(content: bytes) -> list[str]:
    return content.decode("utf-8-sig").splitlines()


def test_a_spreadsheet_program_runs_no_text_as_a_formula(
    admin_client: Client, shop: list[Item]
) -> None:
    lines = exported(admin_client).decode("utf-8-sig")
    for text in ("=1+1", "-50", "@you", "+1"):
        assert f",'{text}" in lines or f",\"'{text}" in lines
    sheet = load_workbook(BytesIO(exported(admin_client, "xlsx"))).worksheets[0]
    assert [cell.data_type for cell in sheet["B"]] == ["s"] * 12
    assert [cell.data_type for cell in sheet["D"][1:]] == ["n"] * 11


def test_exports_what_the_list_shows(admin_client: Client, shop: list[Item]) -> None:
    assert [line[:4] for line in lines_of(exported(admin_client, query="currency=EUR"))] == [
        "id,n",
        f"{shop[-1].pk},Mu"[:4],
    ]
    page = admin_client.get(f"{LIST}?currency=EUR").text
    assert f'href="{LIST}export.csv?currency=EUR"' in page
    assert f'href="{IMPORT}"' in page


def test_an_address_that_no_list_has_leads_to_the_list(admin_client: Client) -> None:
    assert admin_client.get(f"{LIST}export.csv?colour=red").status_code == 303
    assert admin_client.post(f"{LIST}export.csv").status_code == 405
    assert admin_client.get(f"{LIST}export.ods").status_code == 404


def test_limits_the_rows_of_a_spreadsheet(
    admin_client: Client, shop: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_files, "MAX_XLSX_ROWS", 10)
    answer = admin_client.get(f"{LIST}export.xlsx", follow=True)
    assert "XLSX files have at most 10 rows" in answer.text
    assert len(exported(admin_client)) > 500


def test_drops_characters_that_a_spreadsheet_cannot_hold(
    admin_client: Client, make_item: Any
) -> None:
    make_item(name="Mug\x07")
    sheet = load_workbook(BytesIO(exported(admin_client, "xlsx"))).worksheets[0]
    assert sheet["B2"].value == "Mug"


def statements(action: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        action()
    return [each["sql"] for each in captured]


def test_reads_items_in_few_statements(admin_client: Client, shop: list[Item]) -> None:
    content = exported(admin_client)
    of_export = statements(lambda: exported(admin_client))
    assert sum("store_picture" in each for each in of_export) == 1  # a page of the list
    of_check = statements(lambda: uploaded(admin_client, content))
    Item.objects.bulk_create(Item(name="Mug", price=9, currency="USD") for _ in range(50))
    assert len(statements(lambda: exported(admin_client))) == len(of_export)
    content = exported(admin_client)
    assert len(statements(lambda: uploaded(admin_client, content))) == len(of_check)


def test_writes_items_in_few_statements(admin_client: Client, make_item: Any) -> None:
    """Other writers wait for the import on SQLite."""

    def of_import(items: list[Item], values: str) -> list[str]:
        lines = [f"{item.pk},{values}" for item in items]
        page = uploaded(admin_client, "\n".join(["id,price,stock,description", *lines]))
        assert f"{len(items)} changed item" in page
        return statements(lambda: confirmed(admin_client, page))

    items = [make_item() for _ in range(20)]
    of_two = of_import(items[:2], "5,1,Old words")
    assert len(of_import(items, "6,2,New words")) <= len(of_two)
    assert {(item.price, item.stock) for item in Item.objects.all()} == {(Decimal(6), 2)}


def test_what_was_imported_is_found_by_its_new_words(admin_client: Client, make_item: Any) -> None:
    mug, cup = make_item(name="Mug", description="Blue"), make_item(name="Cup")
    created_at, updated_at = mug.created_at, mug.updated_at
    lines = ["id,name,description,price", f"{mug.pk},Jar,Green,9", f"{cup.pk},Cup,Green,19.99"]
    confirmed(admin_client, uploaded(admin_client, "\n".join(lines)))
    mug.refresh_from_db()
    assert (mug.name_words, mug.words) == (" jar", " jar green")
    assert (mug.created_at, mug.updated_at > updated_at) == (created_at, True)
    for q, found in {"jar": [mug], "mug": [], "blue": [], "green": [cup, mug]}.items():
        assert Search(q).page(Item.objects.all(), OWN, None, 9).items == found


def client_with(*rights: str) -> Client:
    user = User.objects.create_user("helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


def test_rights_of_staff(item: Item) -> None:
    viewer = client_with("view_item", "change_item")
    assert viewer.get(f"{LIST}export.csv").status_code == 200
    assert IMPORT not in viewer.get(LIST).text
    assert viewer.get(IMPORT).status_code == 403
    assert viewer.post(IMPORT, {"packed": "x"}).status_code == 403


def test_others_export_nothing(item: Item, client: Client) -> None:
    assert client_with("ship_order").get(f"{LIST}export.csv").status_code == 403
    assert client.get(f"{LIST}export.csv").status_code == 302
    assert client.get(IMPORT).status_code == 302
