"""Tables as people's programs write them: columns in any order, without a name or named twice, with notes
beside them. Every cell of a named column comes back as it was sent, and no note becomes part of an address.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import JudgedCsv, read_csv

NEEDED = ("S. No.", "Product Name", "Input Image Urls")
A, B = "https://a.example/1.jpg", "https://a.example/2.PNG?v=12"
W = "https://a.example/w_1,h_2/1.jpg"  # as some servers of images write a size
LEFT_OUT = "cells_left_out"


def read(data: bytes) -> tuple[JudgedCsv, list[list[str]], list[list[str]]]:
    """What was judged, and the cells and the addresses of each row."""
    judged = read_csv(io.BytesIO(data), CsvLimits())
    with judged.rows as rows:
        lines = [json.loads(line) for line in rows]
    urls = [[image["url"] for image in line["images"]] for line in lines]
    return judged, [line["cells"] for line in lines], urls


@pytest.mark.parametrize(
    ("header", "row", "cells"),
    [
        ("No,Name,Images", f"1,Mug,{A},ask Tom", ["1", "Mug", A]),
        ("No,Name,Images,", f"1,Mug,{A},ask Tom", ["1", "Mug", A]),
        ("No,Name,Images,,", f"1,Mug,{B},,ask Tom", ["1", "Mug", B]),
        ("No,Name,Images,,", f"1,Mug,{A},{B},ask Tom", ["1", "Mug", f"{A},{B}"]),
        ("No,Name,Images,,,", f"1,Mug,{A},{B},,ask Tom", ["1", "Mug", f"{A},{B},"]),
        ("No,Images,Name", f"1,{A},Mug,ask Tom", ["1", A, "Mug"]),
        ("No,Images,Name,", f"1,{A},Mug,ask Tom", ["1", A, "Mug"]),
        ("No,Images,Name,Colour,", f"1,{A},Mug,,ask Tom", ["1", A, "Mug", ""]),
        ("Images,No,Name,,", "https://a.example/1,1,Mug,,ask Tom", ["https://a.example/1", "1", "Mug"]),
    ],
)
def test_a_note_beside_the_named_columns_is_left_out_and_told(
    header: str, row: str, cells: list[str]
) -> None:
    """R03, R04: as of a workbook."""
    judged, read_cells, urls = read(f"{header}\n{row}\n2,Cup,{A}\n".encode())
    assert (read_cells[0], urls[0]) == (
        cells,
        next(cell for cell in cells if "://" in cell).strip(",").split(","),
    )
    (warning,) = [each for each in judged.warnings if each.code == LEFT_OUT]
    assert warning.message == "What stands beside the named columns was left out: row 2."


@pytest.mark.parametrize(
    ("row", "read_as"),
    [
        (f",,{B},,ask Tom", "Without a number and a name, a row was read as of the product above"),
        ("Cups,,,,ask Tom", "A text that stands alone was not read as a product"),
        ("Total,,,,ask Tom", "A total was not read as a product"),
    ],
)
def test_such_a_note_is_told_whatever_its_row_was_read_as(row: str, read_as: str) -> None:
    """R03"""
    judged, _, _ = read(f"No,Name,Images,Colour,\n1,Mug,{A},red,\n{row}\n".encode())
    told = [each.message for each in judged.warnings]
    assert f"{read_as}: row 3." in told
    assert "What stands beside the named columns was left out: row 3." in told


@pytest.mark.parametrize("header", ["No,Name,Images", "Handle,Title,Image Src"])
def test_such_a_note_is_told_of_a_row_that_is_refused_too(header: str) -> None:
    """R03"""
    judged, _, _ = read(f'{header}\n1,Mug,{A}\n2,Cup,"{A},https://a b/2.jpg",ask Tom\n'.encode())
    assert [error.row for error in judged.errors] == [3]
    told = [each.message for each in judged.warnings if each.code == LEFT_OUT]
    assert told == ["What stands beside the named columns was left out: row 3."]


@pytest.mark.parametrize(
    ("header", "row", "shown"),
    [
        ("No,Name,Images", "1,Mug,https://a.example/b/1.jpg,2.jpg", "https://a.example/b/1.jpg,2.jpg"),
        ("No,Name,Images", f"1,Mug,{A},/b/2.jpg, my 3.PNG", f"{A},/b/2.jpg, my 3.PNG"),
        ("No,Name,Images", f'1,Mug,"{B}; 2.jpg"', f"{B}; 2.jpg"),
        ("No,Name,Images", f'1,Mug,"{A}|2.jpg, {B}"', f"{A}|2.jpg"),
        ("No,Name,Images", f"1,Mug,{A},{B},2.jpg", f"{B},2.jpg"),
        ("No,Images,Name,", f"1,{A},2.jpg,Mug,", f"{A},2.jpg"),
        ("No\tName\tImages", f"1\tMug\t{A}\t2.jpg", f"{A},2.jpg"),
        ("No\tName\tImages", f"1\tMug\t{W}\t2.jpg", f"{W},2.jpg"),
        ("No,Name,Images", f"1,Mug,{W},2.jpg,my 3.png", f"{W},2.jpg,my 3.png"),
        ("No,Name,Images", f"1,Mug,{A},,2.jpg", f"{A},,2.jpg"),
        ("No,Name,Images", "1,Mug,https://a.example/a;1.jpg,2.jpg", "https://a.example/a;1.jpg,2.jpg"),
        ("No;Name;Images", "1;Mug;https://a.example/a;1.jpg;2.jpg", "https://a.example/a;1.jpg,2.jpg"),
    ],
)
def test_the_name_of_a_further_file_is_no_note_and_no_part_of_an_address(
    header: str, row: str, shown: str
) -> None:
    """R03: where it lies nobody has said."""
    judged, _, _ = read(f"{header}\n{row}\n".encode())
    (error,) = judged.errors
    folder = next(part for part in ("/b/", "/w_1,h_2/", "/") if part in shown)
    assert (error.problem, error.hint) == (
        f"'{shown}' is followed by another image that is not written in full",
        f"Write all addresses in full, separated by commas: the next one is https://a.example{folder}2.jpg.",
    )


@pytest.mark.parametrize("wrong", [f"{A} , 3.jpg", "https://a b/2.jpg", "https://a.example:x/2.jpg"])
def test_a_wrong_address_alone_in_its_row_is_no_heading(wrong: str) -> None:
    """R03: its image was left out."""
    judged, _, _ = read(f"Image\n{B}\n{wrong}\nSpring sale\n".encode())
    assert [error.row for error in judged.errors] == [3]


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_the_end_of_an_address_that_looks_like_a_file_is_put_back_as_it_was(delimiter: str) -> None:
    """R04"""
    url = f"https://a.example/a{delimiter}b.jpg"
    judged, _, urls = read(delimiter.join(("No", "Name", f"Images\n1{delimiter}Mug", f"{url}\n")).encode())
    assert (judged.errors, urls) == ((), [[url]])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("url", ["https://a.example/get?f=1.jpg", "https://a.example/get?w=1,f=1.jpg"])
def test_a_file_behind_one_in_a_query_is_a_note(url: str, delimiter: str) -> None:
    """R03"""
    table = delimiter.join(("No", "Name", "Images\n1", "Mug", url, "copy.jpg\n"))
    judged, _, urls = read(table.encode())
    assert (judged.errors, urls) == ((), [[url]])
    assert LEFT_OUT in [each.code for each in judged.warnings]


@pytest.mark.parametrize(
    "path",
    ["?of=1.jpg,2.jpg", "?of=a,1.jpg,2.jpg", "l_a.png,w_1/2.jpg", "1.jpg,2", "a,1.jpg", "1.jpg#a,b.jpg"],
)
def test_a_file_in_a_query_or_behind_a_directory_is_part_of_an_address(path: str) -> None:
    """R04"""
    judged, _, urls = read(f'No,Name,Images\n1,Mug,"https://a.example/{path}"\n'.encode())
    assert (judged.errors, urls) == ((), [[f"https://a.example/{path}"]])


@pytest.mark.parametrize(
    ("header", "row", "cells"),
    [
        (
            "No,Name,Images",
            "1,Mug,https://a.example/w_1,h_2/x.jpg",
            ["1", "Mug", "https://a.example/w_1,h_2/x.jpg"],
        ),
        ("No,Name,Images", f"1,Mug,{A}?fit=1,2", ["1", "Mug", f"{A}?fit=1,2"]),
        ("No,Name,Images,,", f"1,Mug,{A},,{B}", ["1", "Mug", f"{A},,{B}"]),
        ("No,Name,Images,Colour", f"1,Mug,{A},,red", ["1", "Mug", A, "red"]),
        (
            "No,Images,Name,",
            "1,https://a.example/w_1,h_2/x.jpg,Mug,",
            ["1", "https://a.example/w_1,h_2/x.jpg", "Mug"],
        ),
        (
            "No,Images,Name,,",
            "1,https://a.example/w_1,h_2/x.jpg,Mug",
            ["1", "https://a.example/w_1,h_2/x.jpg", "Mug"],
        ),
        ("No,Name,Images,Colour,", f"1,Mug,{A},{B},red", ["1", "Mug", f"{A},{B}", "red"]),
        ("No,Name,Images,Colour,", f"1,Mug,{A},red,", ["1", "Mug", A, "red"]),
    ],
)
def test_what_may_be_part_of_an_address_or_its_place_is_no_note(
    header: str, row: str, cells: list[str]
) -> None:
    """R04, R14"""
    judged, read_cells, _ = read(f"{header}\n{row}\n".encode())
    assert read_cells == [cells]
    assert LEFT_OUT not in [each.code for each in judged.warnings]


@dataclass(frozen=True)
class Strange:
    """A file, and what its rows are."""

    columns: Sequence[str]  # up to the last that has a name
    rows: Sequence[Sequence[str]]
    urls: Sequence[Sequence[str]]
    data: bytes


_text = st.text("abc xyzäé0189.-", max_size=8) | st.sampled_from(
    [
        "a\nb",
        "a\r\nb",
        "x,y;z|",
        'say "hi"',
        '"q"',
        "=1+1",
        "  lead",
        "trail  ",
        "0012",
        "1.234,56",
        '12"',
        "\t",
        "n/a",
    ]
)


@st.composite
def strange(draw: st.DrawFn) -> Strange:
    named = draw(st.lists(st.sampled_from(["Note", "Größe", 'Re: "x"', ""]), max_size=6))
    urls = draw(st.lists(st.lists(st.sampled_from([A, B]), min_size=1, max_size=3), min_size=1, max_size=6))
    joint = draw(st.sampled_from([",", ", ", "; ", " ", "\n", " | "]))
    own = [(str(number), "Größe L", joint.join(each)) for number, each in enumerate(urls, 1)]
    other = st.lists(_text, min_size=len(named), max_size=len(named))
    order = draw(st.permutations(range(len(NEEDED) + len(named))))
    whole = [(*NEEDED, *named), *((*each, *draw(other)) for each in own)]
    table = [[row[index] for index in order] for row in whole]
    width = max(index for index, name in enumerate(table[0], 1) if name)
    data = draw(written(table))
    return Strange(table[0][:width], [row[:width] for row in table[1:]], urls, data)


@st.composite
def written(draw: st.DrawFn, table: Sequence[Sequence[str]]) -> bytes:
    delimiter, line_end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quotes, behind = draw(st.booleans()), draw(st.sampled_from(["", delimiter]))
    lines = [line(row, delimiter, quotes=quotes) + behind for row in table]
    if draw(st.booleans()):
        lines.insert(0, f"sep={delimiter}")
    lines += draw(st.sampled_from([[], [""], ["", ""], [delimiter * len(table[0]), ""]]))
    text = line_end.join(lines)
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])))


def line(row: Sequence[str], delimiter: str, *, quotes: bool) -> str:
    file = io.StringIO(newline="")  # with this end Python quotes each cell that holds one
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quotes else csv.QUOTE_MINIMAL
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerow(row)
    return file.getvalue().removesuffix("\r\n")


@given(strange())
def test_every_cell_of_a_named_column_comes_back_as_it_was_sent(sent: Strange) -> None:
    """R03, R04, R14"""
    judged, cells, urls = read(sent.data)
    assert (judged.errors, list(judged.header.columns)) == ((), sent.columns)
    assert (cells, urls) == (sent.rows, sent.urls)
