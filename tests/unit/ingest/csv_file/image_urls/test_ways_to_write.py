"""The same product, however it is written, and the addresses of its images."""

import json
import time

import pytest

from services.ingest.csv_file.image_urls.cell import second_address
from services.ingest.csv_file.limits import CsvLimits
from tests.worlds.files.read_csvs import BOTH, HEADER, A, B, products, read


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


@pytest.mark.parametrize(
    ("cell", "urls"),
    [
        ("https://a.example/w_400,h_300/x.jpg", ["https://a.example/w_400,h_300/x.jpg"]),
        (f"https://a.example/w_4\\,h_3/x.jpg, {B}", ["https://a.example/w_4,h_3/x.jpg", B]),
        (f"{A}\\,", [A]),
        (f'[{{""src"": ""{A}"", ""alt"": ""Red\\\\, blue""}}, {{""src"": ""{B}""}}]', [A, B]),
        (f"[{{'src': '{A}', 'alt': 'Red\\\\, blue'}}]", [A]),
        ("https://a.example/a;b c.jpg", ["https://a.example/a;b c.jpg"]),
        ("https://a.example/?u=http://b.example/", ["https://a.example/?u=http://b.example/"]),
        (f"{A},HTTP://b.example/2", [A, "HTTP://b.example/2"]),
        (f"{A} ! alt : front ! title : t ! caption : | {B} ! alt : back", [A, B]),
        (f"{A} ! alt : front", [A]),
        (f"{A}::Seen from the front, with its lid", [A]),
        (f"{A}::front;{B}::back", [A, B]),
        (f"{A}::front|{B}", [A, B]),
        (f"Red={A}|{B}", [A, B]),
        (f"Light red={A};Blue={B}", [A, B]),
        (f"Colour=Red:{A}|Colour=Blue:{B}", [A, B]),
        (f"Colour=Red={A}|{B}", [A, B]),
        (f"Black/White={A}|Black & White={B}", [A, B]),
        (f"Colour=Black/White:{A};Men's={B}", [A, B]),
        (f"Red={A}::Front|Blue={B} ! alt : with its lid", [A, B]),
        (
            "Red=https://a.example/?a;u=1|u=http://b.example/",
            ["https://a.example/?a;u=1", "http://b.example/"],
        ),
        (f"{A}|Blue={B}", [A, B]),
        (f"{A};Blue={B}", [A, B]),
        (f"{A}|blue={B}|{A}|Red={B}", [A, B, A, B]),
        (f"{A}|Colour=Blue:{B}", [A, B]),
        (f"{A}?set_id=8|Light blue={B}", [f"{A}?set_id=8", B]),
        (f"{A}?v=8;Light blue={B}", [f"{A}?v=8", B]),
        (f"{A}|Blue={B}::Front", [A, B]),
        (f"{A};v={B}", [f"{A};v={B}"]),
        (f"{A}?a;Blue={B}", [f"{A}?a;Blue={B}"]),
        (f"{A}?a|u={B}", [f"{A}?a|u={B}"]),
        (f"{A}?a|b&u={B}", [f"{A}?a|b&u={B}"]),
        (f"{A}?a|b, Blue={B}", [f"{A}?a|b, Blue={B}"]),
        (f"https://a.example/?u={B}", [f"https://a.example/?u={B}"]),
        (f"https://a.example/?u=/1.jpg|Blue={B}", [f"https://a.example/?u=/1.jpg|Blue={B}"]),
        (f"https://a.example/f:blue={B}", [f"https://a.example/f:blue={B}"]),
        (f"{A}|u=1", [f"{A}|u=1"]),
        ("https://a.example/?|u=http://b.example/", ["https://a.example/?|u=http://b.example/"]),
        ("https://a.example/x::y.jpg", ["https://a.example/x::y.jpg"]),
        ("http://[2001:db8::1]/1.jpg", ["http://[2001:db8::1]/1.jpg"]),
        (f"{A}.", [A]),
        (f"- {A}\n- {B}", [A, B]),
        (f"\u2022 {A}<br>\u2022  {B}", [A, B]),
        (f"1. {A}\r\n2) {B}", [A, B]),
        (f"{A}\n\n 12. {B}\n", [A, B]),
        (f"1) {A}, 2) {B}", [A, B]),
        (f"1. {A}; 2. {B}", [A, B]),
        (f"1. {A}\n- {B},3) {A}", [A, B, A]),
        (
            "1. https://a.example/photo/77 2. http://b.example/",
            ["https://a.example/photo/77", "http://b.example/"],
        ),
        (f"https://a.example/chair 2), {B}", ["https://a.example/chair 2)", B]),
        (f'{A}""', [A]),
        (f'{A}"", {B}""', [A, B]),
        (f"{A}\u201d", [A]),
        ('https://a.example/?q=""chair""', ['https://a.example/?q="chair"']),
        ("https://a.example/?q=\u201cchair\u201d", ["https://a.example/?q=\u201cchair\u201d"]),
        ('https://a.example/?a=""b"",""c""', ['https://a.example/?a="b","c"']),
        (f'https://a.example/?q=""b"", {B}""', ['https://a.example/?q="b"', B]),
    ],
)
def test_a_separator_counts_only_where_a_new_address_begins(cell: str, urls: list[str]) -> None:
    """R04"""
    assert products(f'{HEADER}1,SKU1,"{cell}"\n') == [("1", "SKU1", urls)]


@pytest.mark.parametrize(
    "between",
    [
        *(",Blue=", " Blue=", ", Blue=", "、Blue=", "\uff5cBlue=", "|Blue:", "|Colour: Blue=", "|B=C=D="),
        *('|Size=10""=', "|Left/Right/Back=", f"|{'Light ' * 20}blue=", "|Blue ", "|Blue=x,"),
        "::Front, Blue=",
    ],
)
def test_two_addresses_are_never_read_as_one_where_what_is_between_them_is_not_understood(
    between: str,
) -> None:
    """R04: the second image was lost, and the first one failed."""
    judged = read(f'{HEADER}1,SKU1,"Red={A}{between}{B}"\n2,SKU2,{A}\n')
    assert [error.code for error in judged.errors] == ["invalid_url"]


@pytest.mark.parametrize("between", [",Blue=", ", Blue=", "|Blue:"])
def test_an_address_behind_a_label_that_is_not_understood_is_no_part_of_the_one_before_it(
    between: str,
) -> None:
    """R04"""
    (error,) = read(f'{HEADER}1,SKU1,"{A}{between}{B}"\n2,SKU2,{A}\n').errors
    assert error.hint.startswith("Leave only the addresses in the cell, separated by commas")
    assert B in error.hint


@pytest.mark.parametrize("before", [A, f"Red={A}", ""])
@pytest.mark.parametrize(
    "piece",
    [
        *(
            " ",
            ",",
            " ,;",
            " x",
            "://",
            "https://",
            ",http",
            "https://a.example/x ",
            '""',
            ";x=",
            "x=https://",
        ),
        *(
            "|Blue=",
            "|Blue=https://",
            ".jpg|Blue=https://",
            "<br>",
            "<br>- ",
            "<br>1. https://",
            " 2) https://",
        ),
    ],
)
def test_a_hostile_cell_takes_time_in_proportion_to_its_length(piece: str, before: str) -> None:
    """R20: quadratic time would take many minutes here."""
    limits = CsvLimits(urls_per_row=10_000_000)
    cell = (piece * 400_000)[:400_000]
    read(f'{HEADER}1,SKU1,"{before}{cell}x"\n2,SKU2,{before}{cell}x\n', limits)


def test_what_stands_before_an_address_is_not_read_anew_for_each_that_follows() -> None:
    """R20: it took 5 ms for the longest address that is taken, and the square of that for a longer one."""
    started = time.process_time()
    second_address(f"https://a/?{';a' * 40_000}{'=http://a' * 9_000}")
    assert time.process_time() - started < 5


def test_what_has_spilled_is_an_image_though_the_header_ends_without_a_name() -> None:
    """R04: the second one was taken for the title, and that left out."""
    assert products(f"SKU,Image Src,Title,\nA-1,Red={A},Blue={B},Mug\n") == [("1", "Mug", [A, B])]


@pytest.mark.parametrize("images", ["", "n/a"])
def test_what_another_column_shows_is_no_image_where_nothing_spilled(images: str) -> None:
    """R04: each row ends in a comma."""
    rows = read(f"SKU,Title,Image Src,Datasheet\nA-1,Mug,{images},PDF={A},\nA-2,Cup,{B},,\n").rows
    without, _ = map(json.loads, rows)
    assert (without["images"], without["cells"]) == ([], ["A-1", "Mug", images, f"PDF={A}"])


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@pytest.mark.parametrize("second", ["", "Blue="])
@pytest.mark.parametrize("first", ["", ","])
def test_addresses_that_spill_behind_what_their_images_show_are_all_read(
    delimiter: str, second: str, first: str
) -> None:
    """R04: the second one was left out as a note."""
    rows = [HEADER.strip(), f"1,SKU1,{first}Red={A},{second}{B}"]
    assert products("\n".join(row.replace(",", delimiter) for row in rows)) == BOTH


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@pytest.mark.parametrize("points", [("- ", "- "), ("1. ", "2. "), ("1) ", ""), ("- ", "2) ")])
def test_a_list_of_points_that_spills_is_read_whole(delimiter: str, points: tuple[str, str]) -> None:
    """R04: its second address was left out as a note, and the price became the name."""
    rows = ["S. No.,Input Image Urls,Price,Product Name", f"1,{points[0]}{A},{points[1]}{B},1.99,SKU1"]
    assert products("\n".join(row.replace(",", delimiter) for row in rows)) == BOTH
    rows = [f"{HEADER.strip()},", f"1,SKU1,{points[0]}{A},{points[1]}{B}"]
    assert products("\n".join(row.replace(",", delimiter) for row in rows)) == BOTH


@pytest.mark.parametrize("delimiter", [";", "|"])
def test_an_address_that_spills_behind_what_is_not_understood_is_no_note(delimiter: str) -> None:
    """R04"""
    rows = [HEADER.strip(), f"1,SKU1,Red={A},Size=10=wide={B}", f"2,SKU2,{A}"]
    assert read("\n".join(row.replace(",", delimiter) for row in rows)).bad_rows == 1


@pytest.mark.parametrize(
    ("first", "note"), [(A, f"Source={B}"), (A, "Colour=Red"), (A, f"- {B}"), (f"- {A}", f"Source: {B}")]
)
def test_a_note_is_no_further_address_where_none_before_it_stands_so(first: str, note: str) -> None:
    """R04"""
    assert products(f"{HEADER.replace(',', ';')}1;SKU1;{first};{note}\n") == [("1", "SKU1", [A])]


def test_an_unquoted_comma_inside_a_url_stays_in_it() -> None:
    url = "https://a.example/w_400,h_300/x.jpg"
    assert products(f"{HEADER}1,SKU1,{url},{B}\n") == [("1", "SKU1", [url, B])]


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


@pytest.mark.parametrize("end", ["\x1a", "\n\x1a", "\r\n\x1a\x1a"])
def test_the_end_of_a_dos_file_is_no_cell(end: str) -> None:
    """R03"""
    assert products(f"{HEADER}1,SKU1,{A}{end}") == [("1", "SKU1", [A])]


def test_the_character_that_ends_a_dos_file_is_an_error_within_it() -> None:
    """R03"""
    (error,) = read(f"{HEADER}1,SKU1,{A}\x1a\n2,SKU2,{B}\n").errors
    assert (error.row, error.code) == (2, "invalid_url")
