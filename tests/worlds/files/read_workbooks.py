"""What a workbook is read as, what is said of it, and cells to put below its header."""

import csv
import io
from collections.abc import Callable
from functools import partial

import pytest

from services.ingest.api.sheet_header import header_place
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.workbook.as_csv import SheetCsv, sheet_as_csv
from services.ingest.workbook.limits import WorkbookLimits
from tests.worlds.files.workbooks import (
    HEADER,
    PRODUCTS,
    Rows,
    ods,
    ods_cell,
    ods_of,
    packed,
    raw_sheet,
    sheet_xml,
    xlsx,
    xlsx_parts,
)

LIMITS = WorkbookLimits(csv=CsvLimits())
Written = Callable[[Rows], bytes]
WRITERS = pytest.mark.parametrize("written", [xlsx, ods])
URL = "https://shop.example/1.jpg"
A, B, C = (f"https://shop.example/{letter}.jpg" for letter in "abc")
TOP = "<row>" + "".join(f'<c t="str"><v>{name}</v></c>' for name in HEADER) + "</row>"
ODS_TOP = f"<table:table-row>{''.join(map(ods_cell, HEADER))}</table:table-row>"
SEEN = [[str(cell) for cell in row] for row in PRODUCTS]
OTHER = sheet_xml([("Notes",), ("Call Ann",)])


def read(workbook: bytes) -> SheetCsv:
    return sheet_as_csv(io.BytesIO(workbook), LIMITS, partial(header_place, limits=LIMITS.csv))


def rows_of(workbook: bytes) -> list[list[str]]:
    with read(workbook).file as file:
        return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))


def warnings_of(workbook: bytes) -> dict[str, str]:
    sheet = read(workbook)
    sheet.file.close()
    return {warning.code: warning.message for warning in sheet.warnings}


def below_header(
    cells: str, *, after: str = "", strings: str = "", styles: str = "", links: str = ""
) -> bytes:
    sheet = raw_sheet(f"{TOP}<row>{cells}</row>", after=after)
    return packed(xlsx_parts({"Sheet1": sheet}, strings=strings, styles=styles, links=links))


def ods_below_header(cells: str) -> bytes:
    return ods_of({"Sheet1": f"{ODS_TOP}<table:table-row>{cells}</table:table-row>"})
