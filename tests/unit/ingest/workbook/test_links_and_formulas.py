"""R01: the address of an image behind a text or in a formula is read."""

import pytest

from tests.worlds.files.read_workbooks import (
    URL,
    A,
    B,
    below_header,
    ods_below_header,
    rows_of,
    warnings_of,
)
from tests.worlds.files.workbooks import (
    HEADER,
    link_relation,
    ods_cell,
    ods_of,
    packed,
    raw_sheet,
    xlsx_parts,
)


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
