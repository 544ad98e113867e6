"""Tables as files that staff read and write: CSV, and XLSX of Excel and LibreOffice.

docs/decisions/0011-tables-with-csv-and-openpyxl.md
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from django.conf import settings
from django.http import FileResponse
from django.utils.translation import gettext

type Cell = str | int | Decimal | date | None
type Row = list[Cell]

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MAX_FILE_BYTES = 10_000_000
MAX_ROWS = 2_000  # of a file that is read: other writers wait until all are saved
MAX_READ_ROWS = 20_000  # with empty ones, of which a few bytes can claim any number
MAX_XLSX_ROWS = 10_000  # of a file that is written; the table in a zip file is in memory
MAX_COLUMNS = 100
MAX_UNPACKED_BYTES = 50_000_000  # of a zip file; an XLSX file is one too
PACKED_AS = {ZIP_STORED, ZIP_DEFLATED}  # zipfile unpacks more of others than it is asked for
# A spreadsheet program runs a text that begins with one of these as a formula.
BEGINS_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001  # the wide ones count too
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Unreadable(Exception):
    """The file is no table, or too large. The message tells staff what to do."""


def read(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Return the rows with their numbers, without the empty ones. Raises Unreadable."""
    cells = _xlsx_rows(content) if name.lower().endswith(".xlsx") else _csv_rows(content)
    for number, row in enumerate(cells, start=1):
        if number > MAX_READ_ROWS:
            text = gettext(
                "The file has cells below row %(count)d. Delete the empty rows, or split the file."
            )
            raise Unreadable(text % {"count": MAX_READ_ROWS})
        if not any(row):
            continue
        if number > MAX_ROWS + 1:  # the first one has the names of the columns
            text = gettext("The file has more than %(count)d rows. Split it into several files.")
            raise Unreadable(text % {"count": MAX_ROWS})
        yield number, row


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            gettext("The file isn’t in UTF-8. Save it as “CSV UTF-8” in Excel, or as XLSX.")
        ) from error
    # Excel writes semicolons where a comma separates decimals.
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [_as_typed(cell) for cell in row]
    except csv.Error as error:
        raise Unreadable(
            gettext("The file isn’t CSV: a quotation mark is missing, or a text is too long.")
        ) from error


def _xlsx_rows(content: bytes) -> Iterator[list[str]]:
    """The rows of the first sheet, of formulas the results that the program has stored."""
    from openpyxl import load_workbook  # 20 MB of memory, which few processes need

    try:
        with ZipFile(BytesIO(content)) as archive:
            _check_sizes(archive)
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        # openpyxl gives a row of cells for each number that the file leaves out.
        rows = book.worksheets[0].iter_rows(
            max_row=MAX_READ_ROWS + 1, max_col=MAX_COLUMNS, values_only=True
        )
        yield from ([_as_text(value) for value in row] for row in rows)
    except Exception as error:  # openpyxl has no class for the errors of a broken file
        raise Unreadable(
            gettext("The file isn’t a readable XLSX file, or it is too large. Save it anew.")
        ) from error


def _check_sizes(archive: ZipFile) -> None:
    """Raise BadZipFile if it unpacks to too much. A file inside may be larger than it says."""
    members = archive.infolist()
    is_usual = PACKED_AS.issuperset(each.compress_type for each in members)
    if sum(each.file_size for each in members) > MAX_UNPACKED_BYTES or not is_usual:
        raise BadZipFile
    if archive.testzip():  # in parts of 1 MB, unlike openpyxl
        raise BadZipFile


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():  # a result like 0.30000000000000004
            return f"{value:.6f}".rstrip("0").rstrip(".")
    return _as_typed(str(value))


def _as_typed(text: str) -> str:
    """The text without what spreadsheet programs and `as_file` put around it."""
    text = text.strip()
    return text[1:] if text.startswith("'") and BEGINS_FORMULA.match(text) else text


def as_file(rows: Iterable[Row], name: str, file_format: str) -> FileResponse:
    """Answer with a file to download. It lies on the disk while a slow browser reads it."""
    file = TemporaryFile(dir=export_folder())  # noqa: SIM115  # the response closes it
    if file_format == "xlsx":
        _write_xlsx(rows, file)
    else:
        file.writelines(line.encode() for line in csv_lines(rows))
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{name}.{file_format}",
        content_type=CONTENT_TYPES[file_format],
    )


def export_folder() -> Path:
    """Where temporary files of any size have room. The usual folder for them may be in memory."""
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Line:
    """csv.writer returns what `write` returns."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    yield "\ufeff"  # Excel takes the file for UTF-8 then
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([_with_apostrophe(cell) for cell in row])


def _with_apostrophe(cell: Cell) -> Cell:
    """Keep a text from being run as a formula."""
    return f"'{cell}" if isinstance(cell, str) and BEGINS_FORMULA.match(cell) else cell


def _write_xlsx(rows: Iterable[Row], file: IO[bytes]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet()

    def typed(value: Cell) -> Any:
        if not isinstance(value, str):
            return value
        text = NOT_IN_XML.sub("", value.replace("\r\n", "\n"))
        cell = WriteOnlyCell(sheet, _with_apostrophe(text) if text.startswith("'") else text)
        cell.data_type = "s"  # a text stays one if it begins like a formula
        return cell

    for row in rows:
        sheet.append([typed(value) for value in row])
    book.save(file)
