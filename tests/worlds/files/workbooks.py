"""Writes small workbooks as spreadsheets do, and as nobody should: parts are given as they are to stand."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from shared.contract.spreadsheets import column_letters

Cell = str | int | float | None
Rows = Sequence[Sequence[Cell]]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
HEADER = ("S. No.", "Product Name", "Input Image Urls")
PRODUCTS: Rows = (
    HEADER,
    (1, "Mug", "https://shop.example/1.jpg"),
    (2, "Cup", "https://shop.example/2.jpg,https://shop.example/3.jpg"),
)


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def xlsx(rows: Rows = PRODUCTS) -> bytes:
    return packed(xlsx_parts({"Sheet1": sheet_xml(rows)}))


def xlsx_parts(
    sheets: Mapping[str, str],
    *,
    strings: str = "",
    styles: str = "",
    links: str = "",
    properties: str = "",
    states: Mapping[str, str] | None = None,
    content_type: str = SHEET_TYPE,
) -> dict[str, str | bytes]:
    """`sheets` are whole parts, by the names of the sheets. `strings` and `styles` are insides
    of theirs, `links` relations of the first sheet.
    """
    hidden = states or {}
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"'
        f' state="{hidden.get(name, "visible")}"/>'
        for number, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    others = "".join(
        f'<Relationship Id="{name}" Type="{RELATIONS}/{name}" Target="/xl/{name}.xml"/>'
        for name in ("sharedStrings", "styles")
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{content_type}"/></Types>',
        "_rels/.rels": relations_xml(
            f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        ),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations_xml(related + others),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
    }
    for number, sheet in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = sheet
    if links:
        parts["xl/worksheets/_rels/sheet1.xml.rels"] = relations_xml(links)
    return parts


def relations_xml(related: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'


def link_relation(key: str, address: str) -> str:
    return (
        f'<Relationship Id="{key}" Type="{RELATIONS}/hyperlink" Target={quoteattr(address)}'
        ' TargetMode="External"/>'
    )


def merge_cells(*cells: str) -> str:
    refs = "".join(f'<mergeCell ref="{each}"/>' for each in cells)
    return f'<mergeCells count="{len(cells)}">{refs}</mergeCells>'


def sheet_xml(rows: Rows, *, after: str = "") -> str:
    return raw_sheet("".join(_row(number, row) for number, row in enumerate(rows, 1)), after=after)


def raw_sheet(rows: str, *, after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def _row(number: int, row: Sequence[Cell]) -> str:
    cells = "".join(_cell(f"{column_letters(column)}{number}", cell) for column, cell in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(name: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f'<c r="{name}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f'<c r="{name}"><v>{cell}</v></c>'


OASIS = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = " ".join(
    (
        *(f'xmlns:{each}="{OASIS}:{each}:1.0"' for each in ("office", "table", "text", "style")),
        f'xmlns:draw="{OASIS}:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"',
    )
)


def ods(rows: Rows = PRODUCTS) -> bytes:
    return ods_of({"Sheet1": "".join(map(_ods_row, rows))})


def ods_of(tables: Mapping[str, str], *, styles: str = "", manifest: str = "") -> bytes:
    """Tables by their names, each with its rows as they are to stand there."""
    inside = "".join(
        f'<table:table table:name={quoteattr(name)} table:style-name="{name}">{rows}</table:table>'
        for name, rows in tables.items()
    )
    content = (
        f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{inside}</office:spreadsheet></office:body></office:document-content>"
    )
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0">{manifest}'
            "</manifest:manifest>",
        }
    )


def _ods_row(row: Sequence[Cell]) -> str:
    return f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>"


def ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str):
        text = "".join(f"<text:p>{escape(line)}</text:p>" for line in cell.split("\n"))
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    return (
        f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell:.2E}</text:p>'
        "</table:table-cell>"
    )
