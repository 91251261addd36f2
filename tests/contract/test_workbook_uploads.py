"""R01, R03, R04: a workbook is uploaded, judged and refused like a CSV; errors name its cells."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.workbook.limits import WorkbookLimits
from tests.worlds.files.workbooks import (
    HEADER,
    PRODUCTS,
    Rows,
    ods,
    packed,
    raw_sheet,
    sheet_xml,
    xlsx,
    xlsx_parts,
)
from tests.worlds.services.ingest_world import Ingest, open_ingest

COUNTS = {"products": 2, "images": 3, "skipped_rows": 0}
WRITERS = pytest.mark.parametrize("written", [xlsx, ods])
BAD: Rows = (*PRODUCTS, ("x", None, "htp://x"), (4, "Jug", "https://shop.example/4.jpg"))
MARKED = [
    [*HEADER, "Error", "Suggestion"],
    ["1", "Mug", "https://shop.example/1.jpg", "", ""],
    ["2", "Cup", "https://shop.example/2.jpg,https://shop.example/3.jpg", "", ""],
]


@pytest.fixture
async def ingest() -> AsyncIterator[Ingest]:
    async with open_ingest() as ingest:
        yield ingest


@WRITERS
async def test_a_workbook_is_accepted_and_kept_as_it_came(ingest: Ingest, written: Any) -> None:
    file = written(PRODUCTS)
    answer = await ingest.post(csv=file)
    assert (answer.status_code, answer.json()["counts"], answer.json()["warnings"]) == (202, COUNTS, [])
    (event,) = ingest.accepted()
    assert (event.source_bytes, event.columns) == (len(file), HEADER)
    assert ingest.store.objects[event.source_key] == file
    assert ingest.store.objects[event.rows_key].startswith(
        b'{"row":2,"serial_number":"1","name":"Mug","cells":["1","Mug","https://shop.example/1.jpg"]'
    )


@WRITERS
async def test_a_repeat_with_the_same_key_is_one_request(ingest: Ingest, written: Any) -> None:
    """R06"""
    file, headers = written(PRODUCTS), {"Idempotency-Key": "a"}
    first, again = [await ingest.post(csv=file, headers=headers) for _ in range(2)]
    assert first.json() == again.json()


@WRITERS
async def test_what_is_wrong_is_told_by_the_name_of_its_cell(ingest: Ingest, written: Any) -> None:
    answer = await ingest.post(csv=written(BAD))
    body = answer.json()
    assert (answer.status_code, body["errors_total"]) == (400, 3)
    assert body["error"] == "Sheet1!A4: 'x' is not a whole serial number (and 2 more)."
    assert [(error["cell"], error["row"], error["column"], error["code"]) for error in body["errors"]] == [
        ("Sheet1!A4", 4, HEADER[0], "invalid_serial_number"),
        ("Sheet1!B4", 4, HEADER[1], "missing_product_name"),
        ("Sheet1!C4", 4, HEADER[2], "invalid_url"),
    ]


async def test_what_is_wrong_in_a_line_that_stands_in_one_cell_is_told_by_that_cell(ingest: Ingest) -> None:
    rows: Rows = ((";".join(HEADER),), ("1;Mug;htp://x",))
    body = (await ingest.post(csv=xlsx(rows))).json()
    assert body["error"] == "Sheet1!A2: 'htp://x' is not an http or https URL."
    assert body["errors"][0]["column"] == HEADER[2]


async def test_formulas_that_nobody_has_worked_out_are_told_as_the_cause(ingest: Ingest) -> None:
    """R30: programs that write workbooks do not work them out."""
    header = "".join(f"<c t='str'><v>{name}</v></c>" for name in HEADER)
    cells = "<c><f>ROW()-1</f></c><c t='str'><v>Mug</v></c><c t='str'><v>https://shop.example/1.jpg</v></c>"
    sheet = raw_sheet(f"<row>{header}</row><row>{cells}</row>")
    body = (await ingest.post(csv=packed(xlsx_parts({"Sheet1": sheet})))).json()
    assert body["error"] == "Sheet1!A2: the serial number is missing."
    assert body["detail"].startswith("1 row is invalid. The file holds no value for 1 formula, first in")


async def test_of_images_that_nobody_has_worked_out_it_is_told_what_to_do(ingest: Ingest) -> None:
    """R30: it was said to export the products with their images."""
    header = "".join(f"<c t='str'><v>{name}</v></c>" for name in ("SKU", "Name", "Image"))
    formula = '"https://shop.example/"&amp;A2&amp;".jpg"'
    cells = f"<c t='str'><v>M-1</v></c><c t='str'><v>Mug</v></c><c><f>{formula}</f></c>"
    sheet = raw_sheet(f"<row>{header}</row><row>{cells}</row>")
    body = (await ingest.post(csv=packed(xlsx_parts({"Sheet1": sheet})))).json()
    assert body["errors"][0]["code"] == "missing_url"
    told = "The file holds no value for 1 formula, first in Sheet1!C2: read as empty."
    assert body["errors"][0]["hint"].startswith(told)
    assert told in body["detail"]


async def test_of_images_that_are_not_there_it_is_told_also_beside_a_price_that_nobody_has_worked_out(
    ingest: Ingest,
) -> None:
    """R30: to have the formula worked out, as it was told alone, brings no image."""
    header = "".join(f"<c t='str'><v>{name}</v></c>" for name in ("SKU", "Name", "Image", "Price"))
    cells = "<c t='str'><v>M-1</v></c><c t='str'><v>Mug</v></c><c/><c><f>2*3</f></c>"
    sheet = raw_sheet(f"<row>{header}</row><row>{cells}</row>")
    body = (await ingest.post(csv=packed(xlsx_parts({"Sheet1": sheet})))).json()
    helps = "If no address is there then, export the products with their images, or name their column"
    assert helps in body["errors"][0]["hint"]


async def test_of_columns_with_one_name_the_right_one_is_told(ingest: Ingest) -> None:
    header = (*HEADER[:2], "Image URL", "Image URL")
    rows: Rows = (header, (1, "Mug", "https://shop.example/1.jpg", "htp://x"))
    (error,) = (await ingest.post(csv=xlsx(rows))).json()["errors"]
    assert (error["cell"], error["column"]) == ("Sheet1!D2", "Image URL")


@WRITERS
async def test_a_dry_run_names_the_sheet_and_the_cells(ingest: Ingest, written: Any) -> None:
    answer = await ingest.post("/v1/validate", written(BAD), data={"on_invalid": "skip"})
    body = answer.json()
    assert body["counts"] == {"products": 3, "images": 4, "skipped_rows": 1}
    assert (body["dialect"]["sheet"], body["dialect"]["columns"]) == ("Sheet1", list(HEADER))
    assert body["errors"][0]["cell"] == "Sheet1!A4"


@WRITERS
@pytest.mark.parametrize("path", ["/v1/requests", "/v1/validate"])
async def test_a_bad_sheet_comes_back_as_a_marked_csv(ingest: Ingest, written: Any, path: str) -> None:
    answer = await ingest.post(path, written(BAD), headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].count('.csv"') == 1
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows[:3] == MARKED
    assert rows[3][:3] == ["x", "", "htp://x"]
    assert rows[3][3].startswith("'x' is not a whole serial number; the product name is missing; ")
    assert rows[4] == ["4", "Jug", "https://shop.example/4.jpg", "", ""]


async def test_a_workbook_that_cannot_be_read_is_told_as_csv_too(ingest: Ingest) -> None:
    answer = await ingest.post(csv=xlsx()[:-40], headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.text.splitlines()[0]) == (400, "Error,Suggestion")


async def test_missing_columns_name_the_sheet_that_was_looked_at(ingest: Ingest) -> None:
    body = (await ingest.post(csv=xlsx([("Notes",), ("x",)]))).json()
    assert body["error"].startswith("Sheet1!1:1: The column '")
    assert {error["code"] for error in body["errors"]} == {"missing_column"}


async def test_the_field_columns_says_which_sheet_is_meant_too(ingest: Ingest) -> None:
    second = sheet_xml([("Nr.", "Was", "Wo"), (7, "Tasse", "https://shop.example/7.jpg")])
    file = packed(xlsx_parts({"Sheet1": sheet_xml([("Notes",)]), "Zwei": second}))
    columns = '{"serial_number": "Nr.", "product_name": "Was", "image_urls": ["Wo"]}'
    answer = await ingest.post("/v1/validate", file, data={"columns": columns, "encoding": "shift_jis"})
    assert answer.json()["dialect"]["sheet"] == "Zwei"
    assert "sheet_assumed" in {warning["code"] for warning in answer.json()["warnings"]}


async def test_titles_and_blank_rows_above_and_notes_beside_change_nothing(ingest: Ingest) -> None:
    products = ((*row, None, "sold out") for row in PRODUCTS[1:])
    rows: Rows = ((), ('Our "spring", list\nof 2024', 'by "Ann\r\n'), (), HEADER, *products)
    answer = await ingest.post(csv=xlsx(rows))
    assert (answer.status_code, answer.json()["counts"]) == (202, COUNTS)
    (told,) = [warning for warning in answer.json()["warnings"] if warning["code"] == "cells_left_out"]
    assert told["message"] == "2 cells beside the named columns were left out, first Sheet1!E5."


async def test_addresses_run_on_into_the_columns_beside(ingest: Ingest) -> None:
    urls = [f"https://shop.example/{number}.jpg" for number in range(3)]
    answer = await ingest.post(csv=ods([HEADER, (1, "Mug", *urls)]))
    assert answer.json()["counts"]["images"] == len(urls)


async def test_a_workbook_has_the_limits_of_a_csv_and_its_own(ingest: Ingest) -> None:
    """R15"""
    many = xlsx([HEADER, *((n, "Mug", "https://shop.example/1.jpg") for n in range(150))])
    answer = await ingest.post(csv=many)
    assert (answer.status_code, answer.json()["limit"]) == (413, "rows")
    limits = WorkbookLimits(csv=CsvLimits(), unpacked_bytes=10_000)
    async with open_ingest(limits=limits) as small:
        answer = await small.post(csv=xlsx([HEADER, (1, "x" * 20_000)]))
    assert (answer.status_code, answer.json()["limit"]) == (413, "unpacked file size")
    assert "row" not in answer.json()
