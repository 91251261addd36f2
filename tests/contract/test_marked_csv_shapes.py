"""Errors as the customer's own file: `Accept: text/csv` at the upload and validate paths, byte for byte."""

import csv
import io
from collections.abc import AsyncIterator

import pytest

from tests.worlds.services.ingest_world import CSV, Ingest, open_ingest

AS_CSV = {"Accept": "text/csv"}
HINT_URL = "The beginning is misspelt; write https://x."
HINT_NUMBER = "Give every row a whole number of at most 15 digits: 1, 2, 3."
EMPTY = (
    "Error,Suggestion\r\n"
    'The file is empty (0 bytes).,"Nothing of it arrived: open it, save it again as CSV UTF-8, and upload'
    ' the new file."\r\n'
)
NO_URLS_COLUMN = (
    "Error,Suggestion\r\n"
    "Row 1: The column 'Input Image Urls' is missing.,\"No web address stands in the first rows: an export"
    " may leave the images out, as Square's does. Add a column with this name. The first row must name"
    " the columns; it names 'S. No.', 'Name'. If one of these is meant, the field 'columns' says so.\"\r\n"
)


@pytest.fixture
async def ingest() -> AsyncIterator[Ingest]:
    async with open_ingest() as ingest:
        yield ingest


@pytest.mark.parametrize("path", ["/v1/requests", "/upload", "/api/upload/", "/v1/validate"])
async def test_the_file_comes_back_row_by_row_with_what_is_wrong_beside_each(
    ingest: Ingest, path: str
) -> None:
    """R03"""
    sent = (
        b"S. No.,Product Name,Input Image Urls,Note\r\n"
        b"1,Teapot,https://a.example/1.jpg,keep me\r\n"
        b"\r\n"
        b"x,,htp://x,=1+1\r\n"
    )
    answer = await ingest.post(path, sent, headers=AS_CSV)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"].startswith('attachment; filename="errors-p.csv"')
    assert answer.content.decode() == (
        "S. No.,Product Name,Input Image Urls,Note,Error,Suggestion\r\n"
        "1,Teapot,https://a.example/1.jpg,keep me,,\r\n"
        "\r\n"
        "x,,htp://x, =1+1,'x' is not a whole serial number; the product name is missing;"
        " 'htp://x' is not an http or https URL.,"
        f'"{HINT_NUMBER} Fill it in. {HINT_URL}"\r\n'
    )
    assert (ingest.store.objects, ingest.producer.published) == ({}, [])


async def test_more_rows_than_json_lists_are_all_marked() -> None:
    async with open_ingest() as ingest:
        answer = await ingest.post(
            csv=CSV.splitlines(keepends=True)[0] + b"x,a,https://a.example/1\n" * 100, headers=AS_CSV
        )
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 100
    assert all(row["Error"] == "'x' is not a whole serial number." for row in rows)


@pytest.mark.parametrize("attack", ["=cmd()", "+1+1", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("https://x")'])
async def test_no_cell_of_the_file_is_a_formula(ingest: Ingest, attack: str) -> None:
    """R20"""
    text = io.StringIO()
    csv.writer(text).writerows(
        [["S. No.", "Product Name", "Input Image Urls", attack], [attack, attack, attack, attack]]
    )
    answer = await ingest.post(csv=text.getvalue().encode(), headers=AS_CSV)
    assert answer.status_code == 400
    cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
    assert f" {attack}" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


async def test_the_delimiter_stays_and_an_encoding_that_is_not_utf_8_is_answered_with_a_mark(
    ingest: Ingest,
) -> None:
    sent = "S. No.;Product Name;Input Image Urls\n1;Stühle;\n".encode("cp1252")
    answer = await ingest.post(csv=sent, headers=AS_CSV)
    assert (
        answer.content.decode("utf-8-sig").splitlines()[1].startswith("1;Stühle;;The image URL is missing.;")
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")


async def test_a_marked_file_that_was_mended_is_accepted_and_one_that_was_not_is_marked_anew(
    ingest: Ingest,
) -> None:
    """R03"""
    marked = (await ingest.post(csv=CSV + b"x,Lamp,https://a.example/3.jpg\n", headers=AS_CSV)).content
    assert (await ingest.post(csv=marked, headers=AS_CSV)).content == marked
    assert (await ingest.post(csv=marked.replace(b"x,Lamp", b"3,Lamp"))).status_code == 202


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (b"", EMPTY),
        (b"S. No.,Name\n1,a\n", NO_URLS_COLUMN),
    ],
)
async def test_a_file_whose_rows_cannot_be_told_is_answered_by_the_two_columns_alone(
    ingest: Ingest, sent: bytes, body: str
) -> None:
    """R03"""
    answer = await ingest.post(csv=sent, headers=AS_CSV)
    assert (answer.status_code, answer.text) == (400, body)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv"),
        ("text/csv, application/json", "text/csv"),
        ("application/json;q=0.5, text/csv;q=0.6", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, */*", "application/problem+json"),
        ("text/csv;q=0", "application/problem+json"),
        ("text/csv;q=nonsense", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/problem+json"),
        ("", "application/problem+json"),
    ],
)
async def test_who_asks_for_csv_gets_csv(ingest: Ingest, accept: str, kind: str) -> None:
    answer = await ingest.post(csv=CSV + b"x,,\n", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (400, kind)


async def test_a_row_with_a_stray_quotation_mark_comes_back_unread_so_that_it_stays_an_error(
    ingest: Ingest,
) -> None:
    """R03"""
    stray = b'3,"Lamp,https://a.example/3.jpg\n4,"Vase",https://a.example/4.jpg\n'
    sent = CSV + stray + b"5,Cup,https://a.example/5.jpg\n"
    first = await ingest.post(csv=sent, headers=AS_CSV)
    rows = list(csv.reader(io.StringIO(first.text)))
    assert rows[3][:3] == [stray.decode().strip(), "", ""]
    assert rows[3][3].startswith("A quotation mark stands where none belongs")
    assert rows[4] == ["5", "Cup", "https://a.example/5.jpg", "", ""]
    again = await ingest.post(csv=first.content, headers=AS_CSV)
    assert again.status_code == 400
    assert list(csv.reader(io.StringIO(again.text)))[4] == rows[4]


async def test_a_good_file_is_answered_as_ever_and_a_dry_run_that_skips_shows_what_it_would_skip(
    ingest: Ingest,
) -> None:
    skip = {"on_invalid": "skip"}
    assert (await ingest.post(headers=AS_CSV)).json()["state"] == "pending"
    assert (await ingest.post("/v1/validate", headers=AS_CSV)).json()["valid"] is True
    assert (await ingest.post(csv=CSV + b"x,,\n", data=skip, headers=AS_CSV)).json()["state"] == "pending"
    answer = await ingest.post("/v1/validate", CSV + b"x,,\n", data=skip, headers=AS_CSV)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert len(answer.text.splitlines()) == 4


async def test_what_was_assumed_and_skipped_is_said_exactly(ingest: Ingest) -> None:
    """R03"""
    sent = b"No;SKU;images;SKU\n1;a;https://a.example/1;b\nx;a;https://a.example/1;\n2;;;\n"
    said = [
        {"code": "delimiter_assumed", "message": "The columns were read as separated by semicolons."},
        {"code": "column_assumed", "message": "The column 'No' was read as 'S. No.'."},
        {"code": "column_assumed", "message": "The column 'SKU' was read as 'Product Name'."},
        {"code": "column_assumed", "message": "The column 'images' was read as 'Input Image Urls'."},
        {
            "code": "column_repeated",
            "message": "The column 'SKU' occurs more than once; the first one was read.",
        },
        {
            "code": "rows_skipped",
            "message": "2 rows were skipped: row 3 ('x' is not a whole serial number),"
            " row 4 (the product name is missing).",
        },
    ]
    for path in ("/v1/requests", "/v1/validate"):
        assert (await ingest.post(path, sent, data={"on_invalid": "skip"})).json()["warnings"] == said


async def test_spellings_that_differ_in_case_spaces_and_dots_alone_are_no_assumption(ingest: Ingest) -> None:
    sent = CSV.replace(b"S. No.,Product Name,Input Image Urls", b"s.no,PRODUCT_NAME, input image URLs ")
    assert (await ingest.post(csv=sent)).json()["warnings"] == []
