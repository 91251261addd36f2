"""The customer's file with its errors: whatever the rows, reading it again finds the same rows and errors."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.marked import mark_rows
from services.ingest.csv_file.reader import JudgedCsv, read_csv

LIMITS = CsvLimits()
FIRST = st.sampled_from(["", "=", "+", "-", "@", "'", '"', " "])
NAMES = st.tuples(FIRST, st.text("ab1,;|\"'\n=é椅", max_size=8)).map("".join)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "x", "-1", ""]), NAMES, st.sampled_from(["https://a.example/1", "htp"])
    ),
    min_size=1,
    max_size=6,
)


def written(rows: list[tuple[str, str, str]], delimiter: str) -> bytes:
    text = io.StringIO()
    header = ("S. No.", "Product Name", "Input Image Urls")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue().encode()


def products(judged: JudgedCsv) -> list[tuple[int, str, str]]:
    with judged.rows as rows:
        lines = [json.loads(line) for line in rows]
    return [(line["row"], line["serial_number"], line["name"]) for line in lines]


@given(ROWS, st.sampled_from(",;\t|"))
def test_a_marked_file_reads_as_the_file_that_it_marks(
    rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    """R03"""
    sent = written(rows, delimiter)
    with mark_rows(io.BytesIO(sent), LIMITS) as marked:
        before, after = read_csv(io.BytesIO(sent), LIMITS), read_csv(marked, LIMITS)
        marked.seek(0)
        cells = [
            cell
            for row in csv.reader(io.TextIOWrapper(marked, "utf-8", newline=""), delimiter=delimiter)
            for cell in row
        ]
    assert products(after) == products(before)
    told = [[(error.row, error.column, error.code) for error in judged.errors] for judged in (before, after)]
    assert told[0] == told[1]
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]


def test_every_bad_row_has_its_suggestion_also_beyond_the_errors_that_are_listed() -> None:
    """R03"""
    sent = written([(str(row), "SKU", f"htp:/a.example/{row}") for row in range(20)], ",")
    with mark_rows(io.BytesIO(sent), CsvLimits(errors_listed=1)) as marked:
        suggestions = [
            row["Suggestion"] for row in csv.DictReader(io.TextIOWrapper(marked, "utf-8", newline=""))
        ]
    assert suggestions == [f"The beginning is misspelt; write https://a.example/{row}." for row in range(20)]


def test_a_row_of_many_wrong_addresses_tells_of_the_first_ones() -> None:
    """R20: the marks of one row stay short."""
    sent = written([("1", "SKU", ",".join(f"http://u@a.example/{n}" for n in range(900)))], ",")
    with mark_rows(io.BytesIO(sent), LIMITS) as marked:
        (row,) = csv.DictReader(io.TextIOWrapper(marked, "utf-8", newline=""))
    assert row["Error"].endswith("and 890 more.")
    assert len(row["Error"] + row["Suggestion"]) < 5_000
