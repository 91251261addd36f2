"""What the reader makes of files as people have them, and what it says of those that are wrong."""

import dataclasses
import io
import json
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.csv_file.encodings.sample import PIECE_BYTES
from services.ingest.csv_file.limits import CsvLimits, CsvTooLarge
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.spool import SPOOL_BYTES, open_spool
from services.ingest.csv_file.verdicts import UnreadableCsv

HEADER = "S. No.,Product Name,Input Image Urls\n"


def read(text: str | bytes, limits: CsvLimits | None = None) -> JudgedCsv:
    data = text if isinstance(text, bytes) else text.encode()
    judged = read_csv(io.BytesIO(data), limits or CsvLimits())
    with judged.rows as rows:
        return dataclasses.replace(judged, rows=io.BytesIO(rows.read()))


def products(text: str | bytes) -> list[tuple[str, str, list[str]]]:
    judged = read(text)
    assert judged.errors == ()
    lines = [json.loads(line) for line in judged.rows]
    return [
        (line["serial_number"], line["name"], [image["url"] for image in line["images"]]) for line in lines
    ]


A, B = "https://a.example/1.jpg", "https://b.example/2.jpg"
BOTH = [("1", "SKU1", [A, B])]


@pytest.mark.parametrize(
    "text",
    [
        f'{HEADER}1,SKU1,"{A},{B}"\n',
        f'{HEADER}1,SKU1,"{A}, {B},"\n',
        f'{HEADER}1,SKU1,"{A};{B}"\n',
        f'{HEADER}1,SKU1,"{A} {B}"\n',
        f'{HEADER}1,SKU1,"{A}\n{B}"\n',
        f'{HEADER}1, SKU1, "{A}, {B}"\n',
        f"{HEADER}1,SKU1,{A},{B}\n",
        f"{HEADER}1,SKU1,{A}, {B},,,\n",
        f"{HEADER}1,SKU1,{A},,{B}\n",
        f"{HEADER},,\n\n1,SKU1,{A},{B}\n,,\n\n",
        f"\n\n{HEADER}1,SKU1,{A},{B}",
        f"\ufeff{HEADER}1,SKU1,{A},{B}",
        f"{HEADER}1,SKU1,{A},{B}".replace("\n", "\r\n"),
        f"{HEADER}1,SKU1,{A},{B}".replace("\n", "\r"),
        f"sep=;\nserial_number;SKU;image urls\n1;SKU1;{A},{B}\n",
        f"Sr No|Product|Images\n1|SKU1|{A}|{B}\n",
        f"Input Image URLs\tproduct.name\tS.No\n{A} {B}\tSKU1\t1\n",
        f"Table 1\n\n{HEADER}1,SKU1,{A},{B}\n",
        f"Spring 2026;;\nAll prices in EUR\nS. No.;Product Name;Photos\n1;SKU1;{A} {B}\n",
        f"{HEADER}\u200b1\ufeff,SKU1,\u200b{A} \u200b{B}\u2060\n",
        f"{HEADER}\u200f1\u200f,SKU1,\u202a{A}\u202c\u200e \u200e{B}\u2069\n",
        f'Note;S. NO.;PRODUCT NAME;Image URLs;;;\n"a;b";1;SKU1;{A};{B}\n',
    ],
)
def test_common_ways_to_write_the_same_product_read_the_same(text: str) -> None:
    """R03, R04"""
    assert products(text) == BOTH


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_encoding_is_read(encoding: str) -> None:
    """R03"""
    text = f"{HEADER}1,Stühle 椅子,{A}\n"
    assert products(text.encode(encoding)) == [("1", "Stühle 椅子", [A])]


@pytest.mark.parametrize(
    ("encoding", "name", "warning"),
    [
        ("cp1252", "Stühle", "encoding_assumed"),
        ("cp1252", "crème brûlée \u2013 5 €", "encoding_assumed"),
        ("cp1252", "GRÖßE naïve", "encoding_unsure"),
        ("cp932", "椅子", "encoding_assumed"),
        ("cp932", "商品の名前テスト 5 cm", "encoding_assumed"),
        ("cp932", "ｱｲｽ", "encoding_unsure"),  # or "±²½", or "БВН"
    ],
)
def test_eight_bit_encodings_are_told_apart_and_said(encoding: str, name: str, warning: str) -> None:
    """R03"""
    data = f"{HEADER}1,{name},{A}\n".encode(encoding)
    assert products(data) == [("1", name, [A])]
    judged = read(data)
    assert judged.encoding.name == {"cp1252": "windows-1252", "cp932": "shift_jis"}[encoding]
    assert [each.code for each in judged.warnings] == [warning]


@pytest.mark.parametrize(
    ("cell", "urls"),
    [
        ("https://a.example/w_400,h_300/x.jpg", ["https://a.example/w_400,h_300/x.jpg"]),
        ("https://a.example/a;b c.jpg", ["https://a.example/a;b c.jpg"]),
        ("https://a.example/?u=http://b.example/", ["https://a.example/?u=http://b.example/"]),
        (f"{A},HTTP://b.example/2", [A, "HTTP://b.example/2"]),
        (f"{A} ! alt : front ! title : t ! caption : | {B} ! alt : back", [A, B]),
        (f"{A} ! alt : front", [A]),
        (f"{A}::Seen from the front, with its lid", [A]),
        (f"{A}::front;{B}::back", [A, B]),
        (f"{A}::front|{B}", [A, B]),
        ("https://a.example/x::y.jpg", ["https://a.example/x::y.jpg"]),
        ("http://[2001:db8::1]/1.jpg", ["http://[2001:db8::1]/1.jpg"]),
        (f"{A}.", [A]),
    ],
)
def test_a_separator_counts_only_where_a_new_address_begins(cell: str, urls: list[str]) -> None:
    """R04"""
    assert products(f'{HEADER}1,SKU1,"{cell}"\n') == [("1", "SKU1", urls)]


@pytest.mark.parametrize(
    "piece", [" ", ",", " ,;", " x", "://", "https://", ",http", "https://a.example/x ", '""']
)
def test_a_hostile_cell_takes_time_in_proportion_to_its_length(piece: str) -> None:
    """R20: quadratic time would take many minutes here."""
    limits = CsvLimits(urls_per_row=10_000_000)
    cell = (piece * 400_000)[:400_000]
    read(f'{HEADER}1,SKU1,"{A}{cell}x"\n2,SKU2,{A}{cell}x\n', limits)


def test_an_unquoted_comma_inside_a_url_stays_in_it() -> None:
    url = "https://a.example/w_400,h_300/x.jpg"
    assert products(f"{HEADER}1,SKU1,{url},{B}\n") == [("1", "SKU1", [url, B])]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_is_known_also_where_letters_have_a_zero_byte(encoding: str) -> None:
    text = f"{HEADER}1,一,{A}\n"
    assert products(text.encode(encoding)) == [("1", "一", [A])]


def test_an_encoding_is_known_also_where_its_letters_come_late() -> None:
    rows = "".join(f"{number},Chair,{A}\n" for number in range(10_000))
    data = f"{HEADER}{rows}10000,商品の名前テスト,{A}\n".encode("cp932")
    assert len(data) > PIECE_BYTES
    assert read(data).encoding.name == "shift_jis"


def test_repeated_urls_name_the_first_over_the_whole_file() -> None:
    """R24"""
    judged = read(f'{HEADER}1,SKU1,"{A},{B}"\n2,SKU2,"{B},{A}"\n')
    images = [image for line in judged.rows for image in json.loads(line)["images"]]
    assert [image.get("same_as") for image in images] == [None, None, 1, 0]
    assert [image["ordinal"] for image in images] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (f"1,SKU1,{A},{B},", ["1", "SKU1", f"{A},{B}", ""]),
        (f"1,SKU1,{A},{B},red", ["1", "SKU1", f"{A},{B}", "red"]),
        (f"1,SKU1,{A},{B},,", ["1", "SKU1", f"{A},{B}", ""]),
        (f"1,SKU1,{A},red,", ["1", "SKU1", A, "red"]),
        (f"1,SKU1,{A},red,,,", ["1", "SKU1", A, "red"]),
        (f"1,SKU1,{A}", ["1", "SKU1", A, ""]),
    ],
)
def test_urls_that_spill_never_end_in_the_columns_behind_theirs(row: str, cells: list[str]) -> None:
    """R04, R14"""
    judged = read(f"S. No.,Product Name,Input Image Urls,Colour\n{row}\n")
    assert [json.loads(line)["cells"] for line in judged.rows] == [cells]


def test_cells_are_kept_in_the_inputs_columns() -> None:
    """R14"""
    judged = read(f"Note,S. No.,Product Name,Input Image Urls,Colour\n n ,1,SKU1,{A},{B},red\n,2,SKU2,{A}\n")
    cells = [json.loads(line)["cells"] for line in judged.rows]
    assert judged.header.columns == ("Note", "S. No.", "Product Name", "Input Image Urls", "Colour")
    assert cells == [[" n ", "1", "SKU1", f"{A},{B}", "red"], ["", "2", "SKU2", A, ""]]


@pytest.mark.parametrize(
    "names",
    [
        "S. No.,Product Name,Input Image Urls",
        "S.No,Product Name,Input Image URLs",
        "S NO,PRODUCT NAME,INPUT IMAGE URLS",
        " s. no. , product name , input image urls ",
        '"S. No.","Product Name","Input Image Urls"',
        "Serial Number,Product,Image URLs",
        "Sr No,SKU,Image Url",
        "Sr. No.,Product-Name,Images",
        "Sl No,Item Name,Image Links",
        "serial_number,product_name,input_image_urls",
        "serialNumber,productName,inputImageUrls",
        "#,Title,URLs",
        "No,Name,URL",
        "ID,Product Title,Input URLs",
    ],
)
def test_the_columns_are_known_by_their_usual_names(names: str) -> None:
    """R03"""
    assert products(f"{names}\n1,SKU1,{A}\n") == [("1", "SKU1", [A])]
    assert products(f"\ufeff{names}\n1,SKU1,{A}\n".replace(",", ";")) == [("1", "SKU1", [A])]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (f"{HEADER}1,SKU1,{A}\n", []),
        (f"s no,PRODUCT NAME,input_image_urls\n1,SKU1,{A}\n", []),
        (f"Serial Number,Product-Name,Image URLs\n1,SKU1,{A}\n", []),
        (f"Sr. No.,product_name,image_url\n1,SKU1,{A}\n", []),
        (f"{HEADER}1,SKU1,{A},,\n", []),
        (f"{HEADER}1,SKU1,{A},{B}\n", ["urls_joined"]),
        (f"S. No.,SKU,Images\n1,SKU1,{A}\n", ["column_assumed", "column_assumed"]),
        (f"S. No.;Product Name;Input Image Urls\n1;SKU1;{A}\n", ["delimiter_assumed"]),
        (
            f"No\tProduct Name\tInput Image Urls\n1\tSKU1\t{A}\n1\tSKU1\t{A}\n",
            ["delimiter_assumed", "column_assumed", "duplicate_serial_number"],
        ),
    ],
)
def test_what_was_assumed_is_said_and_nothing_else(text: str, codes: list[str]) -> None:
    """R03"""
    assert [warning.code for warning in read(text).warnings] == codes


def test_an_assumption_is_said_in_the_users_words() -> None:
    judged = read(f"S. No.,SKU,Input Image Urls\n1,a,{A}\n2,b,{A},{B}\n3,c,{A},{B}\n")
    assert [warning.message for warning in judged.warnings] == [
        "The column 'SKU' was read as 'Product Name'.",
        "Image URLs that ran over into further columns were joined: in 2 rows, first in row 3.",
    ]


def test_duplicate_serial_numbers_warn() -> None:
    judged = read(f"{HEADER}1,a,{A}\n2,b,{A}\n1,c,{A}\n")
    assert [(warning.code, warning.message) for warning in judged.warnings] == [
        ("duplicate_serial_number", "Serial numbers occur again: '1' in row 4.")
    ]


@pytest.mark.parametrize("blank", ["", "\n", "\n,,\n"])
def test_a_stray_quotation_mark_that_swallows_rows_is_named_and_the_rest_is_judged(blank: str) -> None:
    """R03"""
    text = f'{blank}{HEADER}1,a,{A}\n2,"b,{A}\n3,"c",{A}\n4,d,{A}\n5,e,x\n'
    judged = read(text)
    first = len(blank.splitlines())
    assert [(error.row, error.column, error.code) for error in judged.errors] == [
        (first + 3, "Product Name", "stray_quote"),
        (first + 5, "Input Image Urls", "invalid_url"),
    ]
    assert judged.products == 2


def test_a_quotation_mark_as_programs_escape_it_is_named_and_a_backslash_is_not() -> None:
    url = "https://a.example/1.jpg"
    rows = f'1,"Mug \\"big\\"",{url}\n2,"C:\\",{url}\n3,"a ""b"" \\",{url}\n'
    (error,) = read(f"{HEADER}{rows}").errors
    assert (error.code, error.row, error.column) == ("stray_quote", 2, "Product Name")


def test_quotation_marks_within_a_line_are_read_as_spreadsheets_read_them() -> None:
    text = f'{HEADER}1,6" nail,{A}\n2,"big" nail,{A}\n3,"nail" ,{A}\n4,"6"" nail",{A}\n'
    assert [name for _, name, _ in products(text)] == ['6" nail', "big nail", "nail", '6" nail']


def test_a_quotation_mark_that_is_never_closed_is_named_where_it_is_opened() -> None:
    """R03"""
    with pytest.raises(UnreadableCsv) as raised:
        read(f'\n{HEADER}1,a,{A}\n2,"b,{A}\n3,c,{A}\n')
    (error,) = raised.value.errors
    assert (error.row, error.column, error.code) == (4, "Product Name", "unclosed_quote")


def test_a_limit_names_the_row_that_a_spreadsheet_shows() -> None:
    with pytest.raises(CsvTooLarge) as raised:
        read("\n\n" + HEADER + f"1,a,{A}\n2,b," + " ".join([A] * 5), CsvLimits(urls_per_row=4))
    assert raised.value.row == 5


def test_row_numbers_are_those_a_spreadsheet_shows() -> None:
    """R03: a quoted line break does not begin a row, a blank line is one."""
    text = f'\n{HEADER}1,"two\nlines",{A}\n\n2,,{A}\n'
    (error,) = read(text).errors
    assert (error.row, error.code) == (5, "missing_product_name")


@pytest.mark.parametrize(
    "row",
    [f"1\0,SKU1,{A}", f"1,\0,{A}", f"1,SKU1,{A}\0", "\0" * 100],
    ids=["number", "name", "address", "block"],
)
def test_a_nul_is_told_before_what_it_makes_wrong(row: str) -> None:
    """R03: as in a file that ends with a block of them."""
    errors = read(f"{HEADER}{row}\n").errors
    assert errors[0].code == "nul_character"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (f",SKU1,{A}", "S. No.", "missing_serial_number"),
        (f"1.5,SKU1,{A}", "S. No.", "invalid_serial_number"),
        (f"-1,SKU1,{A}", "S. No.", "invalid_serial_number"),
        (f"\u0661,SKU1,{A}", "S. No.", "invalid_serial_number"),
        (f"{'9' * 16},SKU1,{A}", "S. No.", "invalid_serial_number"),
        (f"1, ,{A}", "Product Name", "missing_product_name"),
        (f"1,SK\0,{A}", "Product Name", "nul_character"),
        ("1,SKU1", "Input Image Urls", "missing_url"),
        ('1,SKU1,", ;"', "Input Image Urls", "missing_url"),
        ("1,SKU1,a.example/1.jpg", "Input Image Urls", "invalid_url"),
        ("1,SKU1,ftp://a.example/1.jpg", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https:///1.jpg", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://u:p@a.example/1.jpg", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a.example:0/", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a.example:x/", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://[::g]/", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a b.example/", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a..example/", "Input Image Urls", "invalid_url"),
        ('1,SKU1,"https://a.example/\n1.jpg"', "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a.example/\x07", "Input Image Urls", "invalid_url"),
        (f"1,SKU1,https://{'a.' * 500}example/", "Input Image Urls", "invalid_url"),
        (f"1,SKU1,https://{'a' * 64}.example/", "Input Image Urls", "invalid_url"),
        (f"1,SKU1,https://a.example/{'x' * 2048}", "Input Image Urls", "invalid_url"),
        (f"1,Chair, red,{A}", "Input Image Urls", "invalid_url"),
    ],
)
def test_what_a_row_lacks_is_named(row: str, column: str, code: str) -> None:
    """R03"""
    (error,) = read(f"{HEADER}{row}\n").errors
    assert (error.row, error.column, error.code) == (2, column, code)
    assert error.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/1.jpg",
        "http://10.0.0.1/1.jpg",
        "https://[2001:db8::1]:8443/1.jpg",
        "https://müller.example/ä.jpg",
        "https://a.example./x",
        "https://a.example?x=1",
        "https://a_b.example/1.jpg",
    ],
)
def test_urls_are_judged_by_their_form_alone(url: str) -> None:
    assert products(f"{HEADER}1,SKU1,{url}\n") == [("1", "SKU1", [url])]


def io_calls() -> int:
    """Reads and writes of this thread so far."""
    lines = Path("/proc/thread-self/io").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("syscr", "syscw")))


def test_a_large_file_is_read_and_written_in_large_pieces() -> None:
    """R05: each call lets go of the interpreter; done every millisecond, the event loop gets no turn."""
    with open_spool() as file:
        file.write(
            HEADER.encode() + b"".join(b"%d,Chair,https://a.example/%d\n" % (n, n) for n in range(90_000))
        )
        size = file.tell()
        before = io_calls()
        judged = read_csv(file, CsvLimits())
        calls = io_calls() - before
    judged.rows.close()
    assert size > 2 * SPOOL_BYTES
    assert calls < size / 32_768


def test_a_title_above_the_header_is_left_out_and_rows_keep_their_numbers() -> None:
    """R03"""
    judged = read(f"Table 1\n\n{HEADER}1,a,{A}\nx,b,{A}\n")
    assert [warning.message for warning in judged.warnings] == [
        "What stands above the header, which was found in row 3, was left out."
    ]
    assert [error.row for error in judged.errors] == [5]
    assert json.loads(judged.rows.readline())["row"] == 4


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        (
            "1,Chair, red,",
            "The row has 4 cells for 3 columns: put quotation marks around the cell in which a comma",
        ),
        (
            "1;Chair; red;",
            "The row has 4 cells for 3 columns: put quotation marks around the cell in which a semicolon",
        ),
    ],
)
def test_a_cell_that_lacks_its_quotation_marks_is_what_the_hint_speaks_of(row: str, hint: str) -> None:
    """R03"""
    (error,) = read(f"{HEADER.replace(',', row[1])}{row}{A}\n").errors
    assert (error.code, error.value) == ("invalid_url", "red")
    assert error.hint.startswith(hint)


def test_an_image_that_stands_in_its_row_is_told_as_that_although_its_comma_ends_the_cell() -> None:
    """R03"""
    (error,) = read(f"{HEADER}1,Chair,data:image/png;base64,iVBORw0KGgo=\n").errors
    assert error.hint.startswith("The image itself stands in the cell")


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        ("1.0", "Write 1, without decimals."),
        ("1,00", "Write 1, without decimals."),
        ("12.0000", "Write 12, without decimals."),
        ("1,000", "Write 1000 or 1, whichever is meant"),
        ("1.000", "Write 1000 or 1, whichever is meant"),
        ("1,234", "Write 1234, without separators."),
        ("1.234.567", "Write 1234567, without separators."),
        ("1 000", "Write 1000, without separators."),
        ("1\u202f000", "Write 1000, without separators."),
        ("1'000", "Write 1000, without separators."),
        ("\uff11", "Write 1, the number alone."),
        ("\u0663", "Write 3, the number alone."),
        ("1.", "Write 1, the number alone."),
        ("1)", "Write 1, the number alone."),
        ("#3", "Write 3, the number alone."),
        ("No. 3", "Write 3, the number alone."),
        ("Nr.3", "Write 3, the number alone."),
        ("'7", "Write 7, the number alone."),
        ("1.00E+05", "A spreadsheet has shortened it"),
        ('=""42""', "Write 42, the number alone."),
        ("1,2E+12", "A spreadsheet has shortened it"),
        ("1.5", "Give every row a whole number"),
        ("-1", "Give every row a whole number"),
        ("A-1", "Give every row a whole number"),
        ("1-2", "Give every row a whole number"),
        ("1/2/2026", "Give every row a whole number"),
        ("9" * 16, "Give every row a whole number"),
        ("9,999,999,999,999,999", "Give every row a whole number"),
    ],
)
def test_a_serial_number_that_is_none_is_told_what_to_write_where_it_is_plain(number: str, hint: str) -> None:
    """R03"""
    (error,) = read(f'{HEADER}"{number}",a,{A}\n').errors
    assert error.code == "invalid_serial_number"
    assert error.hint.startswith(hint)


def test_another_image_of_the_row_above_is_told_what_it_lacks() -> None:
    """R03"""
    errors = read(f"{HEADER}1,a,{A}\n,,{B}\n").errors
    assert [error.code for error in errors] == ["missing_serial_number", "missing_product_name"]
    (hint,) = {error.hint for error in errors}
    assert hint.startswith(
        "If this is another image of the product above, write that product's number and name"
    )


@pytest.mark.parametrize("end", ["\x1a", "\n\x1a", "\r\n\x1a\x1a"])
def test_the_end_of_a_dos_file_is_no_cell(end: str) -> None:
    """R03"""
    assert products(f"{HEADER}1,SKU1,{A}{end}") == [("1", "SKU1", [A])]


def test_the_character_that_ends_a_dos_file_is_an_error_within_it() -> None:
    """R03"""
    (error,) = read(f"{HEADER}1,SKU1,{A}\x1a\n2,SKU2,{B}\n").errors
    assert (error.row, error.code) == (2, "invalid_url")


PRIVATE = (
    "http://192.168.0.5/1.jpg",
    "https://127.1/2.jpg",
    "http://localhost:8000/3.jpg",
    "https://[::1]/4.jpg",
)


def test_addresses_in_a_private_network_are_a_warning_that_says_what_will_happen() -> None:
    """R03, R20"""
    rows = f"1,a,{A}\n" + "".join(f"{n},b,{url}\n" for n, url in enumerate(PRIVATE, 2))
    judged = read(HEADER + rows)
    assert (judged.errors_total, judged.images) == (0, 5)
    (warning,) = judged.warnings
    assert warning.code == "private_address"
    assert warning.message == (
        "4 image addresses lead into a private network, first in row 3 ('http://192.168.0.5/1.jpg'): these"
        " images will fail as blocked_address; give addresses that everybody can open."
    )


def test_no_warning_speaks_of_a_public_address_or_of_a_network_that_is_let_through() -> None:
    """R03"""
    public = "https://8.8.8.8/1.jpg,https://1.example/2.jpg,https://localhost.example/3.jpg"
    assert read(f'{HEADER}1,a,"{public}"\n').warnings == ()
    data = io.BytesIO(f"{HEADER}1,a,{PRIVATE[0]}\n".encode())
    judged = read_csv(data, CsvLimits(), allow=(ip_network("192.168.0.0/16"),))
    judged.rows.close()
    assert judged.warnings == ()


def test_the_first_errors_are_listed_and_all_are_counted() -> None:
    judged = read(HEADER + ",,\nx,,\n" * 10, CsvLimits(errors_listed=4))
    assert (len(judged.errors), judged.errors_total, judged.bad_rows) == (4, 30, 10)


def test_a_file_has_no_more_images_than_one_request_may_have() -> None:
    """R29: repeats count too, for each is an image."""
    two_rows = f'{HEADER}1,SKU,"{A},{A}"\n2,SKU,{A}\n'
    assert read(two_rows, CsvLimits(images=3)).images == 3
    with pytest.raises(CsvTooLarge) as raised:
        read(two_rows, CsvLimits(images=2))
    assert (raised.value.limit, raised.value.maximum, raised.value.row) == ("images", 2, 3)


@pytest.mark.parametrize(("begin", "row"), [("", 6), (HEADER, 7), (f"{HEADER}1,SKU,{A}\n", 8)])
def test_blank_rows_are_counted_too(begin: str, row: int) -> None:
    """R20: half a gigabyte of line ends would keep a thread for minutes, and each would be marked."""
    few, limits = f"{HEADER}1,SKU,{A}\n", CsvLimits(rows=2, blank_rows=5)
    assert read(begin + ",,\n" * 5 + ("" if begin else few) + few.removeprefix(HEADER), limits).products
    with pytest.raises(CsvTooLarge) as raised:
        read(begin + "\n" * 6 + few, limits)
    assert (raised.value.limit, raised.value.row) == ("blank rows", row)


def test_a_hint_is_worked_out_only_for_an_error_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """R03: of a million bad rows a thousand are."""
    asked: list[str] = []

    def hint(url: str) -> str:
        asked.append(url)
        return f"mend {url}"

    monkeypatch.setattr("services.ingest.csv_file.rows.errors.url_hint", hint)
    judged = read(
        HEADER + "".join(f"{row},SKU,htp:/{row}\n" for row in range(50)), CsvLimits(errors_listed=2)
    )
    assert not asked
    assert [error.hint for error in judged.errors] == ["mend htp:/0", "mend htp:/1"]
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        (HEADER + f"1,a,{A}\n" * 3, "rows"),
        (HEADER + "1,a," + ",".join([A] * 5) + "\n", "URLs in a row"),
        (",".join("abcdefghijk") + "\n", "columns"),
        (HEADER + '1,"' + ("x" * 99 + "\n") * 6 + f'",{A}\n', "cell length"),
        (HEADER + '1,"' + '","'.join([("x" * 99 + "\n") * 2] * 6) + f'",{A}\n', "row length"),
        (HEADER + '1,"' + "\n" * 40, "lines in a row"),
        (HEADER + "x" * 1000, "line length"),
        ("x" * 1000, "line length"),
    ],
)
def test_every_limit_is_named(text: str, limit: str) -> None:
    """R20"""
    with pytest.raises(CsvTooLarge) as raised:
        read(
            text,
            CsvLimits(
                rows=2, columns=10, urls_per_row=4, cell_characters=500, row_characters=900, row_lines=30
            ),
        )
    assert raised.value.limit == limit


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (HEADER.encode() + b'1,"a,b', "unclosed_quote"),
        (b'S. No.,Product Name,Input Image Urls,"x\n' + b"1,a,b\n" * 50, "unclosed_quote"),
        (b"\xff\xfeS\x00.", "unknown_encoding"),
        (b"\x81\xff\x8f\x90\xfd" * 10, "unknown_encoding"),
        (b"S. No.,Product\0Name,Input Image Urls\n1,a,b\n", "nul_character"),
        (b"S. No.,Product Name,Input Image Urls,\0\n1,a,b\n", "nul_character"),
        (b"PK\x03\x04" + bytes(100), "not_csv"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_csv"),
        (b"\x1f\x8b\x08" + bytes(100), "not_csv"),
        (b"BZh91AY&SY", "not_csv"),
        (b"\xfd7zXZ\x00", "not_csv"),
        (b"(\xb5/\xfd\x04", "not_csv"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "not_csv"),
        (b'{"products": []}', "not_csv"),
        (b'[\n  {"product": 1}\n]', "not_csv"),
        (b"\r\n <HTML><body>", "not_csv"),
        (b"", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"\xff\xfe", "empty_file"),
        (b"\r\r\n\n", "empty_file"),
        (HEADER.encode(), "no_rows"),
        (HEADER.encode() + b",,,\n\n", "no_rows"),
        (b"S. No.,Product Name\n1,a\n", "missing_column"),
        (b"1,SKU1,https://a.example/1.jpg\n", "missing_column"),
        (b",,,\n;;;\n", "empty_file"),
        (b'"', "empty_file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, code: str) -> None:
    """R03"""
    with pytest.raises(UnreadableCsv) as raised:
        read(data)
    assert raised.value.errors[0].code == code
    assert all(error.hint for error in raised.value.errors)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Nothing of it arrived"),
        ("\n,,\n", "Save the sheet that holds your products"),
        (HEADER, "Add a row for each product below the header"),
        (
            f"S. No.,Product Name,Input Imgae Urls\n1,a,{A}\n",
            "Rename the column 'Input Imgae Urls' to 'Input Image",
        ),
        (f"S. No.,Product Name,Output Image Urls\n1,a,{A}\n", "Add a column with this name."),
        (f"S. No.,Product Nmae,Images\n1,a,{A}\n", "Rename the column 'Product Nmae' to 'Product Name'."),
        (f"Seriel Number,Product,Images\n1,a,{A}\n", "Rename the column 'Seriel Number' to 'S. No.'."),
        (
            f"1,SKU1,{A}\n2,SKU2,{A}\n",
            "Put 'S. No.,Product Name,Input Image Urls' above it",
        ),
        (
            "S. No.,Product Name\n1,a\n",
            "Add a column with this name. The first row must name the columns; it names",
        ),
        ("S. No.,Product Name,Anhang\n1,a,b\n", "If one of these is meant, the field 'columns' says so."),
    ],
)
def test_what_a_file_lacks_is_said_in_words_for_its_keeper(text: str, part: str) -> None:
    """R03"""
    with pytest.raises(UnreadableCsv) as raised:
        read(text)
    assert part in raised.value.errors[0].hint


@pytest.mark.parametrize(
    ("row", "names"),
    [
        (f"1,a,{A}", "S. No.,Product Name,Input Image Urls"),
        (A, "Image URL"),
        (f"{A}\t{B}", "Image URL\tImage URL 2"),
        (f"a;{A}", "Product Name;Image URL"),
        (f"{A};;a", "Image URL;Column 2;Product Name"),
        (f"C-1;a;9,99;{A}", "Product Name;Column 2;Column 3;Image URL"),
        (f"7,{A}", "S. No.,Image URL"),
        (f"https://a.example/chair,a,2,3,{A}", "Column 1,Product Name,S. No.,Column 4,Image URL"),
        ("a,https://a.example/chair", "Product Name,Image URL"),
    ],
)
def test_a_table_without_names_is_told_which_to_put_above_it_and_is_read_with_them(
    row: str, names: str
) -> None:
    """R03"""
    with pytest.raises(UnreadableCsv) as raised:
        read(row + "\n")
    (error,) = raised.value.errors
    assert error.sentence() == "Row 1: The first row names no columns, it holds a product"
    assert error.hint == f"Put '{names}' above it, as a row of its own."
    judged = read(f"{names}\n{row}\n")
    assert judged.errors == ()
    assert judged.images == names.count("Image")


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"\xff\xd8\xff\xe0", "Upload the list that holds the addresses of your pictures"),
        (b"RIFF\x10\x00\x00\x00WEBP", "Upload the list that holds the addresses of your pictures"),
        (b"\x1f\x8b\x08", "Take the file with your products out of the archive"),
        (b"%PDF-1.7", "Open it in its program"),
        (b'["https://a.example/1.jpg", "https://a.example/2.jpg"]', "Open it in its program"),
        (b'[\n  [1, "Chair"]]', "Open it in its program"),
        (b'<table border="1" style="a: b;">\n\t<tr><th>S. No.</th>', "Open it in its program"),
        (b'<rss version="2.0"><channel>', "Open it in its program"),
        (b"<br />\n<b>Fatal error</b>:  Uncaught", "Open it in its program"),
        (b"{\\rtf1\\ansi S. No.", "Open it in its program"),
        (b"-- phpMyAdmin SQL Dump", "Export the table as CSV"),
        (b"INSERT INTO products (id, name", "Export the table as CSV"),
    ],
)
def test_a_file_of_another_kind_is_told_what_helps_with_it(data: bytes, part: str) -> None:
    """R03: no program saves a picture as a list."""
    with pytest.raises(UnreadableCsv) as raised:
        read(data)
    assert part in raised.value.errors[0].hint


@given(st.one_of(st.binary(), st.binary().map(lambda tail: HEADER.encode() + tail)))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    try:
        judged = read(data)
    except (UnreadableCsv, CsvTooLarge):
        return
    assert judged.products + judged.bad_rows > 0
    for line in judged.rows:
        json.loads(line)


@given(st.text('1,;"\n\r ahtps:/.|\t\0'))
def test_no_text_below_a_header_makes_the_reader_fail(text: str) -> None:
    try:
        judged = read(HEADER + text)
    except (UnreadableCsv, CsvTooLarge):
        return
    assert len(list(judged.rows)) == judged.products
