"""R01: a csv whose lines lie in one column of a sheet is read as its columns."""

import pytest

from tests.worlds.files.read_workbooks import WRITERS, A, B, C, Written, rows_of, warnings_of
from tests.worlds.files.workbooks import (
    HEADER,
    Rows,
    xlsx,
)

HEADER_LINE = ",".join(HEADER)


@pytest.mark.parametrize(
    "rows",
    [
        [(HEADER_LINE,), (f"1,Mug,{A}",), (f'2,"Cup, red","{B},{C}"',)],
        [(HEADER_LINE.replace(",", ";"),), (f"1;Mug;{A}",), (f"2;Cup, red;{B},{C}",)],
        [(HEADER_LINE.replace(",", ";"),), (f"1;Mug;{A}",), ("2;Cup", f" red;{B}", C)],
        [(HEADER_LINE.replace(",", "\t"),), (f"1\tMug\t{A}",), (f"2\tCup, red\t{B},{C}",)],
        [("My list",), (), (HEADER_LINE,), (f"1,Mug,{A}",), (f'2,"Cup, red","{B},{C}"',)],
    ],
)
@WRITERS
def test_lines_of_a_csv_in_one_column_are_read_as_its_columns(written: Written, rows: Rows) -> None:
    """R01: a CSV that a spreadsheet of another country has opened and saved."""
    workbook = written(rows)
    read_rows = [row for row in rows_of(workbook) if len(row) > 1]
    assert read_rows == [list(HEADER), ["1", "Mug", A], ["2", "Cup, red", f"{B},{C}"]]
    assert list(warnings_of(workbook)) == ["rows_in_one_cell"]


@pytest.mark.parametrize(
    "rows",
    [
        [("Image URL",), (f"{A},{B}",), (C,)],
        [("S. No.", "Product Name", "Input Image Urls"), ("1", "a;b;c", A)],
        [("Notes, and what to do",), ("Call Ann; then Bob",)],
    ],
)
def test_other_sheets_are_not_taken_for_lines(rows: Rows) -> None:
    workbook = xlsx(rows)
    assert rows_of(workbook) == [list(row) for row in rows]
    assert warnings_of(workbook) == {}
