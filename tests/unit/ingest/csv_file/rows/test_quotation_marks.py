"""Quotation marks, as spreadsheets and programs write them and as people forget them."""

import pytest

from services.ingest.csv_file.verdicts import UnreadableCsv
from tests.worlds.files.read_csvs import HEADER, A, products, read


@pytest.mark.parametrize("blank", ["", "\n", "\n,,\n"])
def test_a_stray_quotation_mark_that_swallows_rows_is_named_and_the_rest_is_judged(blank: str) -> None:
    """R03"""
    text = f'{blank}{HEADER}1,a,{A}\n2,"b,{A}\n3,"c",{A}\n4,d,{A}\n5,e,x\n'
    judged = read(text)
    first = len(blank.splitlines())
    assert [(error.row, error.column, error.code) for error in judged.errors] == [
        (first + 3, "Product Name", "stray_quote"),
        (first + 5, "Input Image Urls", "invalid_url"),
    ]
    assert judged.products == 2


def test_a_quotation_mark_as_programs_escape_it_is_named_and_a_backslash_is_not() -> None:
    url = "https://a.example/1.jpg"
    rows = f'1,"Mug \\"big\\"",{url}\n2,"C:\\",{url}\n3,"a ""b"" \\",{url}\n'
    (error,) = read(f"{HEADER}{rows}").errors
    assert (error.code, error.row, error.column) == ("stray_quote", 2, "Product Name")


def test_quotation_marks_within_a_line_are_read_as_spreadsheets_read_them() -> None:
    text = f'{HEADER}1,6" nail,{A}\n2,"big" nail,{A}\n3,"nail" ,{A}\n4,"6"" nail",{A}\n'
    assert [name for _, name, _ in products(text)] == ['6" nail', "big nail", "nail", '6" nail']


def test_a_quotation_mark_that_is_never_closed_is_named_where_it_is_opened() -> None:
    """R03"""
    with pytest.raises(UnreadableCsv) as raised:
        read(f'\n{HEADER}1,a,{A}\n2,"b,{A}\n3,c,{A}\n')
    (error,) = raised.value.errors
    assert (error.row, error.column, error.code) == (4, "Product Name", "unclosed_quote")


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        (
            "1,Chair, red,",
            "The row has 4 cells for 3 columns: put quotation marks around the cell in which a comma",
        ),
        (
            "1;Chair; red;",
            "The row has 4 cells for 3 columns: put quotation marks around the cell in which a semicolon",
        ),
    ],
)
def test_a_cell_that_lacks_its_quotation_marks_is_what_the_hint_speaks_of(row: str, hint: str) -> None:
    """R03"""
    (error,) = read(f"{HEADER.replace(',', row[1])}{row}{A}\n").errors
    assert (error.code, error.value) == ("invalid_url", "red")
    assert error.hint.startswith(hint)


def test_an_image_that_stands_in_its_row_is_told_as_that_although_its_comma_ends_the_cell() -> None:
    """R03"""
    (error,) = read(f"{HEADER}1,Chair,data:image/png;base64,iVBORw0KGgo=\n").errors
    assert error.hint.startswith("The image itself stands in the cell")
