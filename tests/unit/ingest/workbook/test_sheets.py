"""R01: which sheet of a workbook is read, and what is said of the others and of hidden rows."""

import io
from functools import partial

from services.ingest.api.sheet_header import header_place
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.workbook.as_csv import sheet_as_csv
from services.ingest.workbook.kinds import unpacked_bytes
from services.ingest.workbook.limits import WorkbookLimits
from tests.worlds.files.read_workbooks import (
    LIMITS,
    ODS_TOP,
    OTHER,
    SEEN,
    TOP,
    URL,
    read,
    rows_of,
    warnings_of,
)
from tests.worlds.files.workbooks import (
    HEADER,
    PRODUCTS,
    ods_cell,
    ods_of,
    packed,
    raw_sheet,
    sheet_xml,
    xlsx_parts,
)


def test_the_first_sheet_that_names_the_columns_is_read() -> None:
    workbook = packed(xlsx_parts({"Notes": OTHER, "Old": OTHER, "My products": sheet_xml(PRODUCTS)}))
    assert rows_of(workbook) == SEEN
    assert warnings_of(workbook) == {
        "sheet_assumed": "The sheet 'My products' was read, the first that names the needed columns."
    }
    tables = {"Notes": f"<table:table-row>{ods_cell('x')}</table:table-row>", "Products": ODS_TOP}
    assert rows_of(ods_of(tables)) == [list(HEADER)]
    assert "'Products'" in warnings_of(ods_of(tables))["sheet_assumed"]


def test_further_sheets_of_products_are_told_not_to_be_read() -> None:
    """R30: they are no part of the request, and nobody would notice."""
    products = sheet_xml(PRODUCTS)
    sheets = {"Chairs": products, "Lamps": products, "Notes": OTHER, "Old": products, "Tables": products}
    both = packed(xlsx_parts(dict(list(sheets.items())[:3])))
    assert rows_of(both) == SEEN
    read = "The sheet 'Chairs' was read, the first that names the needed columns"
    assert warnings_of(both) == {
        "sheet_assumed": f"{read}; 'Lamps' names them, too, and was not: upload it as a file of its own."
    }
    more = {
        "sheet_assumed": f"{read}; 'Lamps' and 1 more name them, too, and were not: upload each as a file of"
        " its own."
    }
    assert warnings_of(packed(xlsx_parts(sheets, states={"Old": "hidden"}))) == more
    tables = {"Chairs": ODS_TOP, "Notes": f"<table:table-row>{ods_cell('x')}</table:table-row>"}
    assert warnings_of(ods_of(tables | {"Lamps": ODS_TOP, "Tables": ODS_TOP})) == more


def test_all_sheets_of_an_ods_are_read_in_two_passes() -> None:
    """All stand in one part: one pass finds the products, one reads them and what stands behind them."""
    workbook = ods_of({"Chairs": ODS_TOP, "Lamps": ODS_TOP})
    twice = 2 * unpacked_bytes(io.BytesIO(workbook), LIMITS)
    limits = WorkbookLimits(csv=CsvLimits(), unpacked_bytes=twice)
    sheet = sheet_as_csv(io.BytesIO(workbook), limits, partial(header_place, limits=LIMITS.csv))
    sheet.file.close()
    assert ["'Lamps' names them, too" in warning.message for warning in sheet.warnings] == [True]


def test_a_further_sheet_that_is_broken_is_no_matter() -> None:
    workbook = packed(xlsx_parts({"Chairs": sheet_xml(PRODUCTS), "Lamps": "<worksheet><"}))
    assert rows_of(workbook) == SEEN
    assert warnings_of(workbook) == {}


def test_a_sheet_that_people_see_goes_before_a_hidden_one() -> None:
    hidden = sheet_xml([HEADER, (9, "Old", URL)])
    both = {"Old": hidden, "New": sheet_xml(PRODUCTS)}
    assert rows_of(packed(xlsx_parts(both, states={"Old": "veryHidden"}))) == SEEN
    alone = packed(xlsx_parts({"Old": hidden, "Notes": OTHER}, states={"Old": "hidden"}))
    assert rows_of(alone)[1] == ["9", "Old", URL]
    assert "although it is hidden" in warnings_of(alone)["sheet_assumed"]
    styles = (
        '<style:style style:name="A" style:family="table"><style:table-properties table:display="false"/>'
        "</style:style>"
    )
    row = f"<table:table-row>{ods_cell(9)}</table:table-row>"
    assert rows_of(ods_of({"A": ODS_TOP + row, "B": ODS_TOP}, styles=styles)) == [list(HEADER)]


def test_without_a_header_the_first_sheet_with_anything_is_what_is_spoken_of() -> None:
    workbook = packed(xlsx_parts({"Empty": sheet_xml([]), "Notes": OTHER}))
    sheet = read(workbook)
    sheet.file.close()
    assert (sheet.sheet, sheet.warnings) == ("Notes", ())


def test_hidden_rows_are_read_and_spoken_of() -> None:
    hidden = f'{TOP}<row hidden="1"><c><v>1</v></c></row><row hidden="true"><c><v>2</v></c></row>'
    workbook = packed(xlsx_parts({"A": raw_sheet(hidden)}))
    assert rows_of(workbook)[1:] == [["1"], ["2"]]
    expected = {"hidden_rows_read": "2 rows that are hidden were read like all others, first row 2."}
    assert warnings_of(workbook) == expected
    filtered = f'{ODS_TOP}<table:table-row table:visibility="filter">{ods_cell(1)}</table:table-row>'
    assert "1 row that is hidden was" in warnings_of(ods_of({"A": filtered}))["hidden_rows_read"]
