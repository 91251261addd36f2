"""The output CSV: columns as they were spelled, places kept, formulas apostrophed."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.status.rendering.output_csv import OUTPUT_COLUMN, csv_bytes, joined, output_header, output_row
from shared.contract.csv_files import apostrophed, is_formula

COLUMNS = ["S. No.", "Product Name", "Input Image Urls"]


def test_the_columns_stand_as_they_were_spelled_and_then_the_output() -> None:
    """R14"""
    header = csv_bytes([output_header(COLUMNS)])
    assert header == b"S. No.,Product Name,Input Image Urls,Output Image Urls\r\n"
    assert OUTPUT_COLUMN == "Output Image Urls"


@pytest.mark.parametrize(
    ("urls", "cell"),
    [
        ([], ""),
        (["u"], "u"),
        ([None], ""),
        (["u", None, "v"], "u,,v"),
        ([None, None], ","),
        (["https://c/a,b"], "https://c/a%2Cb"),
    ],
)
def test_every_image_has_its_place_in_one_cell(urls: list[str | None], cell: str) -> None:
    assert joined(urls) == cell


def test_several_urls_are_one_quoted_cell() -> None:
    assert csv_bytes([output_row(COLUMNS, ["1", "A", "x"], ["u", "v"])]) == b'1,A,x,"u,v"\r\n'


@pytest.mark.parametrize("cells", [["1"], ["1", "", "", "too", "much"]])
def test_the_output_stands_in_its_column_whatever_the_row_holds(cells: list[str]) -> None:
    assert output_row(COLUMNS, cells, ["u"])[3] == "u"


FULL_WIDTH = ["\uff1d1+1", "\uff0bcmd", "\uff0da", "\uff20x"]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+cmd", "-a", "@x", "\tx", "\rx", "\nx", "-1;2", "+", "-", "=", "--1", "- ", "--", *FULL_WIDTH],
)
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    """R20"""
    assert apostrophed(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "guarded"),
    [
        ("x;=1+1", "x;'=1+1"),
        ("x|@a\t+b", "x|'@a\t'+b"),
        ("x\n=1\r\n-a", "x\n'=1\r\n'-a"),
        ('x;"=1+1"', 'x;"\'=1+1"'),
        ("x;;=1", "x;;'=1"),
        ("=1;=2", "'=1;'=2"),
        ("a;\uff1d1", "a;'\uff1d1"),
        ("a;b=c", "a;b=c"),
        ("a, =b", "a, =b"),
        ("https://a/b;c=1|d", "https://a/b;c=1|d"),
    ],
)
def test_a_formula_within_a_cell_gets_one_where_another_delimiter_would_begin_a_cell(
    cell: str, guarded: str
) -> None:
    """R20"""
    assert apostrophed(cell) == guarded


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@given(cells=st.lists(st.text('ab=+-@\uff1d ;|\t\r\n",'), min_size=1))
def test_by_whatever_delimiter_the_file_is_opened_no_cell_is_a_formula(
    delimiter: str, cells: list[str]
) -> None:
    """R20"""
    text = csv_bytes([[*cells, "last"]]).decode()
    opened = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    assert [cell for row in opened for cell in row if is_formula(cell.lstrip("\t\r\n"))] == []


@pytest.mark.parametrize("cell", ["-1", "+2", "-1.5", "+.5", "-1e9", "1", "", "a=b", " =x", "https://a/-1"])
def test_plain_numbers_and_plain_text_stay_as_they_are(cell: str) -> None:
    assert apostrophed(cell) == cell


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))), min_size=1
    )
)
def test_what_is_written_reads_back(rows: list[list[str]]) -> None:
    text = csv_bytes([["first", *cells] for cells in rows]).decode()
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["first", *map(apostrophed, cells)] for cells in rows]
