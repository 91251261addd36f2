"""R01: what people keep in Excel and LibreOffice comes out as they see it, cell for cell."""

import pytest

from services.ingest.workbook.addresses import cell_address
from tests.worlds.files.read_workbooks import (
    ODS_TOP,
    SEEN,
    TOP,
    WRITERS,
    Written,
    below_header,
    ods_below_header,
    rows_of,
)
from tests.worlds.files.workbooks import (
    HEADER,
    PRODUCTS,
    ods_of,
    packed,
    raw_sheet,
    sheet_xml,
    xlsx_parts,
)


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
