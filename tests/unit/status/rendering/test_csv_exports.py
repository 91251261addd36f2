"""The CSVs that are made on demand: what they say, and that the failed rows can be uploaded again."""

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.lines_ahead import LinesAhead
from services.ingest.csv_file.rows.row import Product
from services.ingest.csv_file.table import open_table
from services.status.records.request import EndedImage, UploadedProduct
from services.status.records.states import ImageState
from services.status.rendering.output_csv import csv_bytes
from services.status.rendering.report_csvs import (
    SUGGESTIONS,
    TRANSIENT_SUGGESTION,
    extended_header,
    extended_row,
    failed_header,
    failed_row,
)
from shared.contract.codes import Code, FailureCode, Fixer, http_code, meaning_of
from shared.contract.csv_files import spaced

COLUMNS = ["S. No.", "Product Name", "Input Image Urls", "Note"]
LIMITS = CsvLimits()
MISSING = http_code(404)


def failed_image(ordinal: int, code: Code) -> EndedImage:
    return EndedImage(ordinal, 0, ImageState.FAILED, code=code)


def product(cells: Sequence[str], images: int = 1, first_ordinal: int = 0) -> UploadedProduct:
    return UploadedProduct(cells, first_ordinal, images)


def failed_csv(columns: Sequence[str], rows: Sequence[Sequence[str]], code: Code = MISSING) -> str:
    failed = [failed_row(columns, product(cells), [failed_image(0, code)]) for cells in rows]
    return csv_bytes([failed_header(columns), *failed], spaced).decode()


def uploaded(text: str) -> tuple[tuple[str, ...], list[Product]]:
    """What ingest makes of it; a row it refuses fails the test."""
    table = open_table(LinesAhead(io.StringIO(text, newline="")), LIMITS)
    products = list(table.rows)
    assert all(isinstance(each, Product) for each in products)
    return table.header.columns, [each for each in products if isinstance(each, Product)]


def test_each_image_has_its_place_in_every_added_cell() -> None:
    """R14 R19"""
    assert extended_header(["a"]) == ["a", "Output Image Urls", "State", "Code", "Bytes"]
    images = [
        EndedImage(0, 0, ImageState.DONE, "https://f/a,b", bytes_out=120),
        failed_image(1, FailureCode.DNS_FAILED),
    ]
    row = extended_row(["a", "b"], product(["1"]), images)
    assert row == ["1", "", "https://f/a%2Cb,", "done,failed", ",dns_failed", "120,"]


def test_a_failed_row_says_what_went_wrong_and_what_can_be_done() -> None:
    """R09 R19"""
    cells = ["1", "SKU1", "https://a/1.jpg,https://a/2.jpg,https://a/3.jpg", ""]
    failed = [failed_image(12, MISSING), failed_image(10, FailureCode.TIMED_OUT), failed_image(11, MISSING)]
    row = failed_row(COLUMNS, product(cells, images=3, first_ordinal=10), failed)
    missing, late = meaning_of(MISSING).hint, meaning_of(FailureCode.TIMED_OUT).hint
    assert row == [
        *cells,
        f"Image 2, 3 of 3: http_404: {missing} Image 1 of 3: timed_out: {late}",
        f"{SUGGESTIONS[Fixer.ORIGIN]} {TRANSIENT_SUGGESTION}",
    ]
    assert failed_row(COLUMNS, product(cells), failed[:1])[4].startswith("http_404: ")


def test_a_product_of_a_thousand_failed_images_has_a_short_error() -> None:
    failed = [failed_image(number, http_code(500)) for number in range(1_000)]
    error = failed_row(COLUMNS, product(["1"], images=1_000), failed)[4]
    assert error.startswith("Image 1, 2, 3, 4, 5 and 995 more of 1000: http_500: ")


def test_a_second_failure_does_not_add_the_columns_twice() -> None:
    once = failed_csv(COLUMNS, [["1", "A", "https://a/1.jpg", "x"]])
    columns, (read,) = uploaded(once)
    twice = failed_csv(columns, [read.cells], code=FailureCode.TOO_LARGE)
    assert uploaded(twice)[0] == (*COLUMNS, "Error", "Suggestion")
    assert "http_404" not in twice
    assert "too_large" in twice


@pytest.mark.parametrize(
    "cell", ["=1+1", "@SUM(A1)", "+cmd", "-a", "\tx", '=HYPERLINK("https://evil","a,b")', " =1", "  -a", " x"]
)
def test_no_cell_of_a_failed_row_is_a_formula_and_none_is_changed_by_the_next_upload(cell: str) -> None:
    """R20"""
    text = failed_csv(COLUMNS, [["1", f"x{cell}", "https://a/1.jpg", cell]])
    (_, row) = csv.reader(io.StringIO(text, newline=""))
    assert not row[3].startswith(("=", "+", "-", "@", "\t", "\r", "'"))
    (_, (read,)) = uploaded(text)
    assert read.cells[3] == cell


_cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**15 - 1),
            _cell.filter(str.strip),
            st.lists(st.sampled_from(["https://a/1.jpg", "https://a/w_1,h_2/x.jpg"]), min_size=1, max_size=3),
            _cell,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_was_uploaded_its_failed_rows_are_the_same_products(
    rows: list[tuple[int, str, list[str], str]],
) -> None:
    """R03: every row of failed.csv is taken again, with the same serial number, name and addresses."""
    cells = [[str(serial), name, ",".join(urls), note] for serial, name, urls, note in rows]
    first_columns, first = uploaded(csv_bytes([COLUMNS, *cells], lambda cell: cell).decode())
    again_columns, again = uploaded(failed_csv(first_columns, [each.cells for each in first]))
    assert again_columns == (*COLUMNS, "Error", "Suggestion")
    told = [(each.serial_number, each.name, each.urls, each.cells) for each in first]
    assert [(each.serial_number, each.name, each.urls, each.cells[:4]) for each in again] == told
