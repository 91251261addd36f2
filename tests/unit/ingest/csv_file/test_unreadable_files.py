"""What is said of a file that is no table of products; and no bytes make the reader fail."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.csv_file.limits import CsvTooLarge
from services.ingest.csv_file.verdicts import UnreadableCsv
from tests.worlds.files.read_csvs import HEADER, A, read


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
        (
            "Token,Item Name,SKU\nA,Chair,1\n",
            "an export may leave the images out, as Square's does. Add a column",
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
    "rows",
    [
        *("", f"1,Chair,{A}\n", "1,Chair,www.shop.example/1.jpg\n", "1,Chair,//cdn.example/1.jpg?v=1\n"),
        *("1,Chair,chair.jpg\n", "1,Chair,images/chair.jpg\n", "1,Chair,WWW.shop.example/1\n"),
    ],
)
def test_only_of_rows_without_an_address_it_is_said_that_none_stands_there(rows: str) -> None:
    """R03"""
    with pytest.raises(UnreadableCsv) as raised:
        read(f"S. No.,Product Name,Output Image Urls\n{rows}")
    assert raised.value.errors[0].hint.startswith("Add a column with this name. The first row")


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
