"""A workbook as Excel must be able to open it: judged by a reader that is not ours, and by ingest's own."""

import io
import json
import random
import zipfile
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.ingest.api.sheet_header import header_place
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import read_csv
from services.ingest.workbook.as_csv import sheet_as_csv
from services.ingest.workbook.limits import WorkbookLimits
from services.status.rendering.workbook import sheet
from services.status.rendering.workbook.packing import packed
from services.status.rendering.workbook.parts import SHEET_PART
from services.status.rendering.workbook.sheet import BeyondSheet

HOSTILE = (
    *("=1+1", "+cmd", "-a", "@SUM(A1)", "\tx", '=HYPERLINK("https://evil","a")', "'=1+1", "\uff1d1"),
    *("1", "00042", "1,000", "1e5", "10012345678901", "2024-05-01", "TRUE", "#N/A", "1/2"),
    *(" lead", "trail ", "a\nb", "a\r\nb", "a\rb", "\x07bell\x00nul", "\x0b\x0c\x1f\x7f\x85\u2028"),
    *("<&>\"']]>", "<!--", "&amp;", "_x0041_", "_x005F_x0041_", "_x", "_x00_", "__x0007__"),
    *("\U0001f600", "Zürich", "שלום", "x" * 32_767, "\U0001f600" * 16_383),
)
_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=12)


async def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    async def markup() -> AsyncIterator[bytes]:
        yield sheet.BEGIN
        yield "".join(sheet.rendered_rows(1, rows)).encode()
        yield sheet.END

    return b"".join([piece async for piece in packed(markup())])


def cells_of(file: bytes) -> list[list[object]]:
    (table,) = (opened := CalamineWorkbook.from_filelike(io.BytesIO(file))).sheet_names
    return [list(row) for row in opened.get_sheet_by_name(table).to_python(skip_empty_area=False)]


def markup_of(file: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.testzip() is None
        return archive.read(SHEET_PART).decode()


async def test_every_cell_comes_out_as_the_text_that_went_in() -> None:
    """R14 R20: no formula comes to life, no number loses its zeros."""
    rows = [["Name", "", "Other"], *([cell, "", cell] for cell in HOSTILE)]
    file = await workbook(rows)
    assert cells_of(file) == rows
    markup = markup_of(file)
    assert markup.count('t="inlineStr"') == markup.count("<c ") == 2 * len(rows)
    assert "<f" not in markup


@given(st.lists(st.lists(_text, min_size=1, max_size=4), min_size=1, max_size=4))
async def test_whatever_the_cells_hold_they_are_read_as_they_were(rows: list[list[str]]) -> None:
    width = max(map(len, rows))
    head = ["x"] * width  # else there may be no cell at all
    read = cells_of(await workbook([head, *rows]))
    filled = [[*row, *[""] * (width - len(row))] for row in rows]
    while filled and not any(filled[-1]):
        filled.pop()
    assert read == [head, *filled]


async def test_what_was_made_can_be_uploaded_again() -> None:
    """R03: the same products, each cell as it was."""
    header = ["S. No.", "Product Name", "Input Image Urls", "Note", "Output Image Urls"]
    rows = [
        [str(number), f"Mug {number}", f"https://a/{number}.jpg", note, f"https://o/{number}.jpg"]
        for number, note in enumerate(HOSTILE, 1)
        if "\0" not in note  # which no upload may hold
    ]
    limits = WorkbookLimits(csv=CsvLimits())
    made = sheet_as_csv(
        io.BytesIO(await workbook([header, *rows])), limits, lambda lines: header_place(lines, limits.csv)
    )
    with made.file, (judged := read_csv(made.file, limits.csv)).rows as lines:
        assert (judged.products, judged.errors, judged.warnings, made.warnings) == (len(rows), (), (), ())
        assert [json.loads(line)["cells"] for line in lines] == rows


@pytest.mark.parametrize("cell", ["x" * 32_768, "\U0001f600" * 16_384])
async def test_a_cell_that_excel_would_cut_off_is_a_verdict_that_names_its_row(cell: str) -> None:
    with pytest.raises(BeyondSheet) as verdict:
        list(sheet.rendered_rows(7, [["a"], ["", cell]]))
    assert (verdict.value.limit, verdict.value.maximum, verdict.value.row) == ("cell length", 32_767, 8)


def test_a_row_that_no_sheet_has_is_a_verdict() -> None:
    assert len(list(sheet.rendered_rows(1_048_576, [["a"]]))) == 1
    with pytest.raises(BeyondSheet):
        list(sheet.rendered_rows(1_048_577, [["a"]]))


async def test_a_sheet_that_breaks_off_makes_no_whole_file() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield sheet.BEGIN + random.Random(1).randbytes(1_000_000)
        raise ConnectionError

    pieces = packed(broken())
    begun = await anext(pieces)
    with pytest.raises(ConnectionError):
        await anext(pieces)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(begun))
