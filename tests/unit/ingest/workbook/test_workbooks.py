"""R01: what people keep in Excel and LibreOffice comes out as they see it, cell for cell."""

import csv
import io
from collections.abc import Callable
from functools import partial

import pytest

from services.ingest.api.sheet_header import header_place
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.workbook.addresses import cell_address
from services.ingest.workbook.as_csv import SheetCsv, sheet_as_csv
from services.ingest.workbook.kinds import unpacked_bytes
from services.ingest.workbook.limits import WorkbookLimits
from tests.worlds.files.workbooks import (
    HEADER,
    PRODUCTS,
    Rows,
    link_relation,
    merge_cells,
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


@WRITERS
def test_cells_come_out_as_text(written: Written) -> None:
    first, second = ['A "mug", large', "a\nb", "=1"], ["10012345678901", " x ", "Größe 日本 😀"]
    rows = written([HEADER, first, (10012345678901, *second[1:])])
    assert rows_of(rows) == [list(HEADER), first, second]


@WRITERS
def test_a_row_keeps_its_number_and_a_cell_its_column(written: Written) -> None:
    rows = written([(), (None, None), HEADER, (), (None, "x"), (None, None, "y")])
    assert rows_of(rows) == [[], [], list(HEADER), [], ["", "x"], ["", "", "y"]]


@pytest.mark.parametrize(
    ("stands", "seen"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("10012345678901", "10012345678901"),
        ("1.0012345678901E13", "10012345678901"),
        ("1E+20", "100000000000000000000"),
        ("12345678901234567", "12345678901234567"),
        ("19.989999999999998", "19.99"),
        ("0.1", "0.1"),
        ("-0", "0"),
        ("1E-3", "0.001"),
        ("1E+300", "1e+300"),
    ],
)
def test_a_number_reads_as_people_see_it(stands: str, seen: str) -> None:
    cell = f'<table:table-cell office:value-type="float" office:value="{stands}"/>'
    assert rows_of(below_header(f"<c><v>{stands}</v></c>"))[1] == [seen]
    assert rows_of(ods_below_header(cell))[1] == [seen]


@pytest.mark.parametrize(
    ("code", "stands", "seen"),
    [
        ("yyyy-mm-dd", "45413", "2024-05-01"),
        ("dd/mm/yyyy hh:mm", "45413.4375", "2024-05-01 10:30:00"),
        ("[h]:mm:ss", "1.5", "36:00:00"),
        ("mmm", "45413", "2024-05-01"),
        ("yyyy", "1", "1900-01-01"),
        ("yyyy", "-3", "-3"),
        ("00000", "42", "00042"),
        ("0.00", "42", "42"),
        ('0 "days"', "42", "42"),
        ("[Red]#,##0", "1000", "1000"),
        ("General", "45413", "45413"),
    ],
)
def test_a_number_is_a_date_where_its_style_says_so(code: str, stands: str, seen: str) -> None:
    styles = (
        f"<numFmts><numFmt numFmtId='164' formatCode='{code}'/></numFmts>"
        "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf/><xf numFmtId='164'/></cellXfs>"
    )
    cells = f"<c><v>{stands}</v></c><c s='1'><v>{stands}</v></c>"
    assert rows_of(below_header(cells, styles=styles))[1] == [stands, seen]


def test_the_days_of_an_old_mac_begin_in_1904() -> None:
    styles = "<cellXfs><xf numFmtId='14'/></cellXfs>"
    sheet = raw_sheet(f"{TOP}<row><c s='0'><v>1</v></c></row>")
    parts = xlsx_parts({"A": sheet}, styles=styles, properties='<workbookPr date1904="1"/>')
    assert rows_of(packed(parts))[1] == ["1904-01-02"]


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        ('<c t="s"><v>0</v></c>', "Mug red"),
        ('<c t="s"><v>1</v></c>', "東京"),
        ('<c t="str"><f>A1</f><v>_x0041_b_x000A_c_xD800_</v></c>', "Ab\nc_xD800_"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        ('<c t="b"><v>0</v></c>', "FALSE"),
        ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c t="d"><v>2024-05-01T10:30:00</v></c>', "2024-05-01 10:30:00"),
        ("<c><f>1+1</f><v>2</v></c>", "2"),
    ],
)
def test_what_a_cell_of_excel_may_hold(cell: str, seen: str) -> None:
    strings = (
        "<si><r><t>Mug </t></r><r><rPr><b/></rPr><t>red</t></r></si>"
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"
    )
    assert rows_of(below_header(cell, strings=strings))[1] == [seen]


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        ('office:value-type="float" office:value="42"><text:p>00042</text:p>', "00042"),
        ('office:value-type="date" office:date-value="2024-05-01"><text:p>1. Mai</text:p>', "2024-05-01"),
        ('office:value-type="date" office:date-value="2024-05-01T10:30:00">', "2024-05-01 10:30:00"),
        ('office:value-type="time" office:time-value="PT10H30M"><text:p>10:30</text:p>', "10:30"),
        ('office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p>', "TRUE"),
        ('office:value-type="percentage" office:value="0.5"><text:p>50%</text:p>', "0.5"),
        (
            (
                'office:value-type="string"><office:annotation><text:p>x</text:p></office:annotation>'
                '<text:p>a<text:s text:c="2"/>b<text:span>c</text:span></text:p>'
                "<text:p>d<text:line-break/>e</text:p>"
            ),
            "a  bc\nd\ne",
        ),
    ],
)
def test_what_a_cell_of_libreoffice_may_hold(cell: str, seen: str) -> None:
    assert rows_of(ods_below_header(f"<table:table-cell {cell}</table:table-cell>"))[1] == [seen]


def test_what_libreoffice_repeats_is_there_so_often_and_its_blank_end_is_not() -> None:
    rows = (
        '<table:table-header-rows><table:table-row table:number-rows-repeated="2"><table:table-cell/>'
        f"</table:table-row></table:table-header-rows>{ODS_TOP}"
        '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2"'
        ' office:value-type="float" office:value="7"/>'
        '<table:table-cell table:number-columns-repeated="16000"/>'
        '</table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell'
        ' table:number-columns-repeated="16384" table:style-name="ce1"/></table:table-row>'
    )
    assert rows_of(ods_of({"A": rows})) == [[], [], list(HEADER), ["7", "7"], ["7", "7"]]


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


def merged_rows(*rows: tuple[str | None, ...], merged: str, first: int = 2) -> bytes:
    """Below the header; None is a cell that another goes over."""
    below = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{letter}{number}" t="str"><v>{cell or ""}</v></c>'
            for letter, cell in zip("ABCD", cells, strict=False)
        )
        + "</row>"
        for number, cells in enumerate(rows, first)
    )
    return packed(xlsx_parts({"Sheet1": raw_sheet(TOP + below, after=merge_cells(*merged.split()))}))


def spanned(cell: str, rows: int) -> str:
    begin = "<table:table-cell"
    return ods_cell(cell).replace(begin, f'{begin} table:number-rows-spanned="{rows}"')


COVERED = "<table:covered-table-cell/>"
A, B, C = (f"https://shop.example/{letter}.jpg" for letter in "abc")
FILLED = [["1", "Mug", A], ["1", "Mug", B], ["2", "Cup", C]]


def test_what_is_merged_over_several_rows_is_read_in_each_of_them() -> None:
    """R01 R30: the product beside its first image alone."""
    of_excel = merged_rows(("1", "Mug", A), (None, None, B), ("2", "Cup", C), merged="B2:B3 A2:A3")
    of_office = ods_of(
        {
            "Sheet1": f"{ODS_TOP}<table:table-row>{spanned('1', 2)}{spanned('Mug', 2)}{ods_cell(A)}"
            f"</table:table-row><table:table-row>{COVERED * 2}{ods_cell(B)}</table:table-row>"
            f"<table:table-row>{''.join(map(ods_cell, ('2', 'Cup', C)))}</table:table-row>"
        }
    )
    for workbook in (of_excel, of_office):
        assert rows_of(workbook)[1:] == FILLED
        assert list(warnings_of(workbook).items()) == [
            (
                "merged_cells_read",
                "Cells are merged, so in 1 row the text of a cell above was read, first in Sheet1!A3.",
            )
        ]


def test_an_image_that_is_merged_is_of_each_row_and_an_address_behind_it_too() -> None:
    after = merge_cells("C2:C3") + '<hyperlinks><hyperlink ref="C2" r:id="a"/></hyperlinks>'
    product = "<c><v>1</v></c><c t='str'><v>Mug</v></c>"
    rows = f"<row>{product}<c t='str'><v>Photo</v></c></row><row>{product}</row>"
    parts = xlsx_parts({"A": raw_sheet(TOP + rows, after=after)}, links=link_relation("a", A))
    assert rows_of(packed(parts))[1:] == [["1", "Mug", A]] * 2


@pytest.mark.parametrize(
    ("merged", "below", "seen"),
    [
        ("A2:C2", ("", "", ""), []),
        ("A2:C4", ("", "", ""), []),
        ("A2:A9", ("", "", ""), []),
        ("A1:A3", ("", "", B), [["", "", B]]),
        ("A2:A3", ("7", "", B), [["7", "", B]]),
        ("D2:D3", ("", "", B), [["", "", B]]),
        ("A2:B3", ("", "", B), [["1", "", B]]),
        ("nonsense A2:", ("", "", B), [["", "", B]]),
    ],
)
def test_only_what_people_see_beside_a_row_is_filled_in(
    merged: str, below: tuple[str, ...], seen: list[list[str]]
) -> None:
    """A title over several columns, blank rows, the header, a text of its own, a note beside the columns."""
    assert rows_of(merged_rows(("1", "Mug", A), below, merged=merged))[1:] == [["1", "Mug", A], *seen]


def test_rows_far_apart_within_one_merged_cell_are_all_filled_and_none_behind_it() -> None:
    rows = merged_rows(
        ("1", "Mug", A), *[("", "", "")] * 20, ("", "", B), ("", "", C), merged="A2:A23 B2:B23"
    )
    assert [row for row in rows_of(rows)[1:] if row] == [["1", "Mug", A], ["1", "Mug", B], ["", "", C]]


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


def test_a_column_of_images_is_known_by_where_its_cells_lead() -> None:
    """R30: no name and no text tells."""
    header = "".join(f"<c t='str'><v>{name}</v></c>" for name in ("No", "Name", "Look", "More"))
    rows = "".join(
        f"<row><c><v>{number}</v></c><c t='str'><v>Mug</v></c>"
        f"<c r='C{number + 1}' t='str'><v>Photo</v></c><c t='str'><v>Page</v></c></row>"
        for number in (1, 2)
    )
    links = (
        '<hyperlinks><hyperlink ref="C2" r:id="a"/><hyperlink ref="C3" r:id="b"/>'
        '<hyperlink ref="D1:XFD1048576" r:id="c"/></hyperlinks>'
    )
    related = link_relation("a", A) + link_relation("b", B) + link_relation("c", "https://shop.example/mug")
    sheet = raw_sheet(f"<row>{header}</row>{rows}", after=links)
    workbook = packed(xlsx_parts({"Sheet1": sheet}, links=related))
    assert rows_of(workbook)[1:] == [["1", "Mug", A, "Page"], ["2", "Mug", B, "Page"]]
    assert list(warnings_of(workbook)) == ["links_read"]


def test_a_formula_or_a_link_of_libreoffice_tells_a_column_of_images_too() -> None:
    header = "".join(map(ods_cell, ("No", "Name", "Look")))
    link = f'<text:p><text:a xlink:href="{A}">Photo</text:a></text:p>'
    cell = f'<table:table-cell office:value-type="string">{link}</table:table-cell>'
    row = f"<table:table-row>{ods_cell(1)}{ods_cell('Mug')}{cell}</table:table-row>"
    of_office = ods_of({"Sheet1": f"<table:table-row>{header}</table:table-row>{row}"})
    formula = f'<c t="str"><f>HYPERLINK(&quot;{A}&quot;,&quot;Photo&quot;)</f><v>Photo</v></c>'
    names = "".join(f"<c t='str'><v>{name}</v></c>" for name in ("No", "Name", "Look"))
    cells = f"<row>{names}</row><row><c><v>1</v></c><c t='str'><v>Mug</v></c>{formula}</row>"
    of_excel = packed(xlsx_parts({"Sheet1": raw_sheet(cells)}))
    for workbook in (of_office, of_excel):
        assert rows_of(workbook)[1:] == [["1", "Mug", A]]


@pytest.mark.parametrize("beside", ["URL", "Web address"])
def test_the_address_behind_a_text_is_read_although_addresses_stand_in_another_column(beside: str) -> None:
    """R30: the texts say as little of an image as `yes` does, in whose place that column is read."""
    names = "".join(f"<c t='str'><v>{name}</v></c>" for name in ("No", "Name", "Image", beside))
    link = f'<c t="str"><f>HYPERLINK(&quot;{URL}&quot;,&quot;Front&quot;)</f><v>Front</v></c>'
    cells = f"<c><v>1</v></c><c t='str'><v>Mug</v></c>{link}<c t='str'><v>{A}</v></c>"
    workbook = packed(xlsx_parts({"Sheet1": raw_sheet(f"<row>{names}</row><row>{cells}</row>")}))
    assert rows_of(workbook)[1:] == [["1", "Mug", URL, A]]


def test_the_address_behind_a_text_is_read_in_a_column_of_images_only() -> None:
    after = (
        '<hyperlinks><hyperlink ref="B2:C2" r:id="rId1"/><hyperlink ref="D2" r:id="rId1"/>'
        '<hyperlink ref="C1" r:id="rId1"/><hyperlink ref="A2" location="Sheet1!A1"/></hyperlinks>'
    )
    links = link_relation("rId1", URL) + link_relation("rId2", "mailto:ann@shop.example")
    cells = "<c><v>1</v></c><c t='str'><v>Mug</v></c><c t='str'><v>Front</v></c>"
    workbook = below_header(cells, after=after, links=links)
    assert rows_of(workbook) == [list(HEADER), ["1", "Mug", URL]]
    expected = "In 1 cell the address behind the text was read, first in Sheet1!C2."
    assert warnings_of(workbook) == {"links_read": expected}


@pytest.mark.parametrize("text", ["Image", "Bild", "Photo 1", "Image URL"])
def test_a_text_that_could_name_a_column_makes_no_header_of_its_row(text: str) -> None:
    after = '<hyperlinks><hyperlink ref="C2" r:id="rId1"/></hyperlinks>'
    cells = f"<c><v>1</v></c><c t='str'><v>Mug</v></c><c t='str'><v>{text}</v></c>"
    assert rows_of(below_header(cells, after=after, links=link_relation("rId1", URL)))[1] == ["1", "Mug", URL]


def test_a_text_that_is_an_address_stays_as_it_is() -> None:
    after = '<hyperlinks><hyperlink ref="C2" r:id="rId1"/></hyperlinks>'
    cells = f"<c><v>1</v></c><c t='str'><v>Mug</v></c><c t='str'><v>{URL}</v></c>"
    workbook = below_header(cells, after=after, links=link_relation("rId1", "https://tracker.example/?u=1"))
    assert (rows_of(workbook)[1][2], warnings_of(workbook)) == (URL, {})


@pytest.mark.parametrize(
    "formula",
    [
        f'HYPERLINK("{URL}","Front")',
        f'_xlfn.IMAGE("{URL}")',
        f'IFERROR(__xludf.DUMMYFUNCTION("IMAGE(""{URL}"")"),"")',
    ],
)
def test_the_address_in_a_formula_is_read_even_where_nobody_has_worked_it_out(formula: str) -> None:
    escaped = formula.replace('"', "&quot;")
    cells = f'<c r="A2"><v>1</v></c><c r="C2"><f>{escaped}</f></c>'
    assert rows_of(below_header(cells))[1] == ["1", "", URL]
    of_office = (
        '<table:table-cell table:number-columns-repeated="2"/>'
        f'<table:table-cell table:formula="of:={escaped}" office:value-type="string">'
        "<text:p>Front</text:p></table:table-cell>"
    )
    assert rows_of(ods_below_header(of_office))[1] == ["", "", URL]


@pytest.mark.parametrize(
    "formula",
    [
        'HYPERLINK("https://shop.example/"&A2&".jpg","Front")',
        '_xlfn.IMAGE("https://shop.example/" & A2 & ".jpg")',
        'IFERROR(__xludf.DUMMYFUNCTION("IMAGE(""https://shop.example/""&A2&"".jpg"")"),"")',
    ],
)
def test_an_address_that_a_formula_puts_together_is_not_taken_for_its_beginning(formula: str) -> None:
    escaped = formula.replace("&", "&amp;").replace('"', "&quot;")
    cells = f'<c r="A2"><v>1</v></c><c r="C2" t="str"><f>{escaped}</f><v>Front</v></c>'
    assert rows_of(below_header(cells))[1] == ["1", "", "Front"]


def test_links_of_libreoffice_stand_in_the_cell() -> None:
    cells = (
        '<table:table-cell table:number-columns-repeated="2"/>'
        '<table:table-cell office:value-type="string">'
        f'<text:p><text:a xlink:href="{URL}">Front</text:a> <text:a xlink:href="{URL}?2">Back</text:a>'
        "</text:p></table:table-cell>"
    )
    assert rows_of(ods_below_header(cells))[1] == ["", "", f"{URL},{URL}?2"]


def test_a_formula_without_its_value_is_spoken_of() -> None:
    cells = '<c><v>1</v></c><c><f>A1&amp;A2</f><v/></c><c t="str"><f>IF(1,"")</f><v></v></c>'
    assert warnings_of(below_header(cells)) == {
        "formula_without_value": "The file holds no value for 1 formula, first in Sheet1!B2: read as empty."
        " Open it in your spreadsheet and save it, and upload it again."
    }


def test_the_strict_dialect_and_odd_names_of_parts_are_read_alike() -> None:
    strict = {
        name: str(part)
        .replace(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        )
        .replace(
            "http://schemas.openxmlformats.org/officeDocument/2006/",
            "http://purl.oclc.org/ooxml/officeDocument/",
        )
        for name, part in xlsx_parts({"A": sheet_xml(PRODUCTS)}).items()
    }
    assert rows_of(packed(strict)) == SEEN
    odd = {
        name.replace("/", "\\").upper(): part for name, part in xlsx_parts({"A": sheet_xml(PRODUCTS)}).items()
    }
    assert rows_of(packed(odd)) == SEEN


def test_a_spelled_out_prefix_changes_nothing() -> None:
    parts = xlsx_parts({"A": sheet_xml(PRODUCTS)})
    sheet = str(parts["xl/worksheets/sheet1.xml"]).replace("xmlns=", "xmlns:x=")
    for name in ("worksheet", "sheetData", "row", "c", "v", "is", "t"):
        sheet = sheet.replace(f"<{name} ", f"<x:{name} ").replace(f"<{name}>", f"<x:{name}>")
        sheet = sheet.replace(f"</{name}>", f"</x:{name}>")
    assert rows_of(packed(parts | {"xl/worksheets/sheet1.xml": sheet})) == SEEN


def test_many_shared_texts_are_found_in_any_order() -> None:
    texts = [f"text {number} {'ä' * (number % 300)}" for number in range(2_000)]
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
    wanted = [(number * 7_919) % 2_000 for number in range(2_000)]
    rows = "".join(f'<row><c t="s"><v>{index}</v></c></row>' for index in wanted)
    workbook = packed(xlsx_parts({"A": raw_sheet(TOP + rows)}, strings=strings))
    assert [row[0] for row in rows_of(workbook)[1:]] == [texts[index] for index in wanted]


@pytest.mark.parametrize(
    ("sheet", "column", "address"),
    [
        ("Sheet1", 2, "Sheet1!C5"),
        ("Tabelle1", None, "Tabelle1!5:5"),
        ("My products", 26, "'My products'!AA5"),
        ("Ann's", 16_383, "'Ann''s'!XFD5"),
        ("B2", 0, "'B2'!A5"),
    ],
)
def test_a_place_is_written_as_spreadsheets_write_it(sheet: str, column: int | None, address: str) -> None:
    assert cell_address(sheet, 5, column) == address
