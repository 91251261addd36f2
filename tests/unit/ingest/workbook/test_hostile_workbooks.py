"""R15: a workbook that means harm, or is broken, gets a verdict soon, and in bounded memory."""

import io
import random
import struct
import zipfile
from collections.abc import Iterator, Mapping

import pytest

from services.ingest.csv_file.limits import CsvLimits, CsvTooLarge
from services.ingest.csv_file.verdicts import CellError, UnreadableCsv
from services.ingest.workbook.as_csv import sheet_as_csv
from services.ingest.workbook.kinds import unpacked_bytes
from services.ingest.workbook.limits import LINK_CHARACTERS, LONGEST_NAME, WorkbookLimits
from services.ingest.workbook.rows import HeaderPlace
from tests.worlds.files.workbooks import (
    MAIN,
    PRODUCTS,
    SPACES,
    link_relation,
    merge_cells,
    ods,
    ods_of,
    packed,
    raw_sheet,
    sheet_xml,
    xlsx,
    xlsx_parts,
)
from tests.worlds.processes.traced_memory import traced_memory

MEBIBYTE = 1024 * 1024
LIMITS = WorkbookLimits(
    csv=CsvLimits(rows=1_000, blank_rows=2_000, cell_characters=100_000, row_characters=200_000),
    csv_bytes=MEBIBYTE,
    unpacked_bytes=8 * MEBIBYTE,
    elements=60_000,
)
HEADER_PLACE = HeaderPlace(row=1, columns=16_384, image_columns=[2], delimiter=",")
MOST_BYTES = 6 * MEBIBYTE
SHEET = "xl/worksheets/sheet1.xml"
PARTS = xlsx_parts({"Sheet1": sheet_xml(PRODUCTS)})


def convert(workbook: bytes, limits: WorkbookLimits = LIMITS) -> None:
    sheet_as_csv(io.BytesIO(workbook), limits, lambda _: HEADER_PLACE).file.close()


def refusal(workbook: bytes) -> CellError:
    with pytest.raises(UnreadableCsv) as caught:
        convert(workbook)
    (error,) = caught.value.errors
    assert error.hint
    return error


def sheet_of(rows: str, after: str = "") -> bytes:
    return packed(PARTS | {SHEET: raw_sheet(rows, after=after)})


def cell(text: str) -> str:
    return f'<c t="str"><v>{text}</v></c>'


def linked(hyperlinks: str, address: str) -> bytes:
    sheet = sheet_xml(PRODUCTS, after=f"<hyperlinks>{hyperlinks}</hyperlinks>")
    return packed(xlsx_parts({"A": sheet}, links=link_relation("a", address)))


SHARED = '<c t="s"><v>0</v></c>'
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
BEYOND_LIMITS = {
    "a sheet that unpacks without end": (sheet_of(" " * (9 * MEBIBYTE)), "unpacked file size"),
    "texts that unpack without end": (
        packed(PARTS | {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{" " * 9 * MEBIBYTE}</sst>'}),
        "unpacked file size",
    ),
    "elements without end": (sheet_of("<c/>" * 70_000), "elements of a workbook"),
    "texts without letters": (
        packed(PARTS | {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"<si/>" * 70_000}</sst>'}),
        "elements of a workbook",
    ),
    "a long cell": (sheet_of(f"<row>{cell('x' * 100_001)}</row>"), "cell length"),
    "a long shared text": (
        packed(
            PARTS | {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>{"x" * 100_001}</t></si></sst>'}
        ),
        "cell length",
    ),
    "a long row": (sheet_of(f"<row>{cell('x' * 99_999) * 3}</row>"), "row length"),
    "one text in many cells": (
        packed(
            xlsx_parts(
                {"A": raw_sheet("<row>" + SHARED * 3_000 + "</row>")},
                strings=f"<si><t>{'x' * 90_000}</t></si>",
            )
        ),
        "row length",
    ),
    "one text in many rows": (
        packed(
            xlsx_parts(
                {"A": raw_sheet(f"<row>{SHARED}</row>" * 500)},
                strings=f"<si><t>{'x' * 90_000}</t></si>",
            )
        ),
        "size as a CSV",
    ),
    "a line of a CSV without end in one cell": (
        sheet_of(f"<row>{cell('a,b')}</row><row>{cell(',' * 20_000)}</row>"),
        "columns",
    ),
    "a cell without end in a row": (
        sheet_of("<row>" + '<c r="A1"><v>1</v></c>' * 20_000 + "</row>"),
        "columns",
    ),
    "many rows": (sheet_of("<row><c><v>1</v></c></row>" * 1_200), "rows"),
    "rows far apart": (sheet_of('<row r="5000"><c><v>1</v></c></row>'), "blank rows"),
    "wide rows": (sheet_of('<row><c r="XFD1"><v>1</v></c></row>' * 900), "size as a CSV"),
    "a row that LibreOffice repeats": (
        ods_of(
            {
                "A": '<table:table-row table:number-rows-repeated="99999999"><table:table-cell'
                ' office:value-type="float" office:value="1"/></table:table-row>'
            }
        ),
        "rows",
    ),
    "a cell that LibreOffice repeats": (
        ods_of(
            {
                "A": '<table:table-row><table:table-cell table:number-columns-repeated="99999999"'
                ' office:value-type="float" office:value="1"/></table:table-row>'
            }
        ),
        "columns",
    ),
    "a long cell that LibreOffice repeats": (
        ods_of(
            {
                "A": '<table:table-row><table:table-cell table:number-columns-repeated="16000"'
                f' office:value-type="string"><text:p>{"x" * 90_000}</text:p></table:table-cell>'
                "</table:table-row>"
            }
        ),
        "row length",
    ),
    "spaces of LibreOffice": (
        ods_of(
            {
                "A": '<table:table-row><table:table-cell office:value-type="string"><text:p>'
                '<text:s text:c="99999999"/></text:p></table:table-cell></table:table-row>'
            }
        ),
        "cell length",
    ),
    "long texts that are merged over many rows": (
        sheet_of(
            "".join(
                f'<row r="{row}"><c r="{"ABCDEF"[row - 2]}{row}" t="str"><v>{"x" * 60_000}</v></c></row>'
                for row in range(2, 8)
            ),
            after=merge_cells(*(f"{each}{row}:{each}90" for row, each in enumerate("ABCDEF", 2))),
        ),
        "row length",
    ),
    "many addresses behind texts": (
        linked('<hyperlink ref="C1:C1048576" r:id="a"/>', "https://shop.example/"),
        "length of all hyperlinks",
    ),
    "addresses behind the same cells again and again": (
        linked('<hyperlink ref="C1:C1000" r:id="a"/>' * 1_001, "https://shop.example/"),
        "length of all hyperlinks",
    ),
}


@pytest.mark.parametrize("name", BEYOND_LIMITS)
def test_what_is_beyond_a_limit_is_refused_while_it_is_read(name: str) -> None:
    workbook, limit = BEYOND_LIMITS[name]
    with traced_memory() as memory, pytest.raises(CsvTooLarge) as caught:
        convert(workbook)
    assert caught.value.limit == limit
    assert memory.most_bytes < MOST_BYTES


def test_one_long_address_with_a_place_behind_each_cell_is_counted_each_time() -> None:
    """Some kilobytes, which once became as many copies of the address as there are cells."""
    cells = "".join(f'<hyperlink ref="C{row}" r:id="a" location="x"/>' for row in range(2, 202))
    with traced_memory() as memory, pytest.raises(CsvTooLarge) as caught:
        convert(linked(cells, "https://shop.example/" + "x" * 500_000))
    assert caught.value.limit == "length of all hyperlinks"
    assert memory.most_bytes < LINK_CHARACTERS + MOST_BYTES


def rows_of_ods(*cells: str) -> str:
    one = '<table:table-cell office:value-type="float" office:value="1"/>'
    return f"<table:table-row>{''.join(cells)}{one}</table:table-row>"


LONG = "x" * 400_000
HIDDEN = '<style:table-properties table:display="false"/>'
WITH_LONG_WORDS = {
    "kinds of cells": sheet_of("<row>" + f'<c t="{LONG}"><v>1</v></c>' * 18 + "</row>"),
    "styles of cells": sheet_of("<row>" + f'<c s="{LONG}"><v>1</v></c>' * 18 + "</row>"),
    "kinds of cells of LibreOffice": ods_of(
        {"A": rows_of_ods(*(f'<table:table-cell office:value-type="{n}{LONG}"/>' for n in range(18)))}
    ),
    "names of styles of LibreOffice": ods_of(
        {"A": rows_of_ods()},
        styles="".join(f'<style:style style:name="{n}{LONG}">{HIDDEN}</style:style>' for n in range(18)),
    ),
}


@pytest.mark.parametrize("name", WITH_LONG_WORDS)
def test_of_long_words_that_nobody_needs_little_is_kept(name: str) -> None:
    """They pack so well that some megabytes once took gigabytes."""
    with traced_memory() as memory:
        convert(WITH_LONG_WORDS[name], WorkbookLimits(csv=CsvLimits()))
    assert memory.most_bytes < MOST_BYTES


def test_of_a_long_name_of_a_sheet_the_beginning_is_kept() -> None:
    made = sheet_as_csv(io.BytesIO(ods_of({LONG: rows_of_ods()})), LIMITS, lambda _: HEADER_PLACE)
    made.file.close()
    assert made.sheet == LONG[:LONGEST_NAME]


def declared(entities: str, text: str) -> bytes:
    sheet = raw_sheet(f"<row>{cell(text)}</row>")
    return packed(PARTS | {SHEET: f"<!DOCTYPE worksheet [{entities}]>{sheet}"})


def unending(begin: str, more: str) -> bytes:
    return packed(PARTS | {SHEET: f'<worksheet xmlns="{MAIN}">{begin}{more * (3 * MEBIBYTE // len(more))}'})


DAMAGED = {
    "a billion laughs": declared(f'<!ENTITY a0 "ha">{LAUGHS}', "&a11;"),
    "a file of ours as an entity": declared('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
    "an address as an entity": declared('<!ENTITY a SYSTEM "http://127.0.0.1:1/">', "&a;"),
    "a document type elsewhere": packed(
        PARTS | {"xl/workbook.xml": f"<!DOCTYPE a>{PARTS['xl/workbook.xml']!s}"}
    ),
    "a document type of LibreOffice": packed({"content.xml": f"<!DOCTYPE a><a {SPACES}/>"}),
    "a tag that does not end": unending("<row a='", "x"),
    "a comment that does not end": unending("<!--", "x"),
    "names without end": sheet_of("".join(f"<a{number}/>" for number in range(50_000))),
    "attributes without end": sheet_of("".join(f"<a b{number}=''/>" for number in range(50_000))),
    "namespaces without end": sheet_of("".join(f"<a xmlns:b{number}='u'/>" for number in range(50_000))),
    "long names": sheet_of("".join(f"<{'a' * 400_000}{number}/>" for number in range(18))),
    "long names of attributes": sheet_of("".join(f"<a {'b' * 400_000}{number}=''/>" for number in range(18))),
    "long namespaces": sheet_of("".join(f"<a xmlns='{'b' * 400_000}{number}'/>" for number in range(18))),
    "depth without end": sheet_of("<a>" * 50_000),
    "no XML": packed(PARTS | {SHEET: "row"}),
    "half a sheet": packed(PARTS | {SHEET: sheet_xml(PRODUCTS)[:-20]}),
    "an unknown encoding": packed(PARTS | {SHEET: f"<?xml version='1.0' encoding='rot13'?>{PARTS[SHEET]!s}"}),
    "a text that is not there": sheet_of('<row><c t="s"><v>7</v></c></row>'),
    "a text number without end": sheet_of(f'<row><c t="s"><v>{"9" * 9_000}</v></c></row>'),
    "rows in disorder": sheet_of('<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>'),
    "an impossible row": sheet_of('<row r="9999999"><c><v>1</v></c></row>'),
    "an impossible column": sheet_of('<row><c r="XFE1"><v>1</v></c></row>'),
    "no column": sheet_of('<row><c r="é1"><v>1</v></c></row>'),
    "a sheet that is missing": packed({name: part for name, part in PARTS.items() if name != SHEET}),
    "an endless repetition": ods_of({"A": f'<table:table-row table:number-rows-repeated="{"9" * 5_000}"/>'}),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_no_spreadsheet_writes_is_called_damaged(name: str) -> None:
    with traced_memory() as memory:
        error = refusal(DAMAGED[name])
    assert error.code == "damaged_workbook"
    assert memory.most_bytes < MOST_BYTES


def with_size(workbook: bytes, name: str, size: int) -> bytes:
    """Its directory, and the part's own head, say that the part unpacks to so many bytes."""
    data = bytearray(workbook)
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        entry = archive.getinfo(name)
        listed = data.index(b"PK\x01\x02" + data[0:0], archive.start_dir)
    while bytes(data[listed + 46 : listed + 46 + len(name)]) != name.encode():
        listed = data.index(b"PK\x01\x02", listed + 4)
    struct.pack_into("<I", data, listed + 24, size)
    struct.pack_into("<I", data, entry.header_offset + 22, size)
    return bytes(data)


def test_sizes_that_lie_gain_nothing() -> None:
    bomb = sheet_of(" " * (9 * MEBIBYTE))
    assert refusal(with_size(bomb, SHEET, 100)).code == "damaged_workbook"
    boasting = with_size(xlsx(), SHEET, 10**9)
    convert(boasting)
    assert unpacked_bytes(io.BytesIO(boasting), LIMITS) > 10**9


def test_a_directory_without_end_is_not_read() -> None:
    many = packed(dict.fromkeys((f"{number:0200}" for number in range(9_000)), b""))
    with traced_memory() as memory:
        error = refusal(many)
    assert error.problem == "The workbook is damaged: it has too many parts."
    assert memory.most_bytes < MOST_BYTES


def test_a_part_with_a_password_is_called_so() -> None:
    data = bytearray(xlsx())
    at = data.index(b"PK\x01\x02")
    while at != -1:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    assert refusal(bytes(data)).code == "encrypted_workbook"


def compound(*names: str) -> bytes:
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + struct.pack("<H", 9) + bytes(16)
    directory = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names))
    return (header + struct.pack("<I", 1)).ljust(1024, b"\0") + directory


MANIFEST = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
OTHERS = {
    "an encrypted xlsx": (compound("EncryptionInfo", "EncryptedPackage"), "protected by a password"),
    "an encrypted ods": (ods_of({"A": ""}, manifest=MANIFEST), "protected by a password"),
    "a newer encrypted ods": (
        packed({"encrypted-package": b"x", "mimetype": b""}),
        "protected by a password",
    ),
    "an xls": (compound("Workbook"), "an old Excel workbook (.xls)"),
    "a doc": (compound("WordDocument"), "an old Office document"),
    "half an xls": (compound("Workbook")[:600], "an old Office document"),
    "an xlsm": (
        packed(xlsx_parts({}, content_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
        "an Excel workbook with macros (.xlsm)",
    ),
    "an xlsb": (
        packed(xlsx_parts({}, content_type="application/vnd.ms-excel.sheet.binary.macroEnabled.main")),
        "a binary Excel workbook (.xlsb)",
    ),
    "a docx": (packed(xlsx_parts({}, content_type=WORD)), "a Word document"),
    "an odt": (
        packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}),
        "no spreadsheet",
    ),
    "a numbers": (packed({"Index/Document.iwa": b"x"}), "a Numbers spreadsheet"),
    "half a file": (xlsx()[:-40], "a workbook, that breaks off"),
    "a beginning alone": (b"PK\x03\x04" + bytes(100), "a workbook, that breaks off"),
    "a zip": (packed({"products.csv": "a,b"}), "a ZIP archive"),
    "an empty zip": (packed({}), "a ZIP archive"),
    "no sheets": (packed(xlsx_parts({})), "no sheet"),
    "empty sheets": (packed(xlsx_parts({"A": raw_sheet("")})), "no sheet"),
    "no tables": (ods_of({}), "no sheet"),
}


WORD_PARTS = xlsx_parts({}, content_type=WORD)
DOCUMENTS: dict[str, tuple[Mapping[str, str | bytes], str]] = {
    "docx": (WORD_PARTS, "a Word document"),
    "docx without its relations": (
        {"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"},
        "a Word document",
    ),
    "pptx without its relations": ({"ppt/presentation.xml": "<a/>"}, "a PowerPoint presentation"),
    "odt": ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}, "no spreadsheet"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_of_a_document_the_table_is_asked_for_since_its_program_saves_no_workbook(name: str) -> None:
    """R30: it was to be saved as a workbook, exported, or taken out of an archive."""
    parts, said = DOCUMENTS[name]
    error = refusal(packed(parts))
    assert said in error.problem
    assert error.hint.startswith("Copy its table into a spreadsheet")


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_read_is_called_by_its_name_with_what_to_do(name: str) -> None:
    workbook, said = OTHERS[name]
    error = refusal(workbook)
    assert said in error.problem
    assert error.hint.endswith(
        ("upload that file.", "upload it again.", "upload the file again.", "upload it alone.")
    )


def broken(workbook: bytes, chance: random.Random) -> Iterator[bytes]:
    for _ in range(150):
        data = bytearray(workbook)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        yield bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])


@pytest.mark.parametrize("workbook", [xlsx(), ods()], ids=["xlsx", "ods"])
def test_a_broken_file_never_ends_in_anything_but_a_verdict(workbook: bytes) -> None:
    for file in broken(workbook, random.Random(16)):
        try:
            convert(file)
        except (UnreadableCsv, CsvTooLarge):
            continue


def test_memory_does_not_grow_with_the_rows() -> None:
    limits = WorkbookLimits(csv=CsvLimits())
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="s"><v>{n - 1}</v></c></row>'
        for n in range(1, 4_001)
    )
    strings = "".join(f"<si><t>{'x' * 600} {number}</t></si>" for number in range(4_000))
    workbook = packed(xlsx_parts({"A": raw_sheet(rows)}, strings=strings))
    with traced_memory() as memory:
        convert(workbook, limits)
    assert memory.most_bytes < MOST_BYTES
