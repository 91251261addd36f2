"""Which columns are which, what stands above them, and what is said of what was assumed."""

import json

import pytest

from services.ingest.csv_file.verdicts import UnreadableCsv
from tests.worlds.files.read_csvs import HEADER, A, B, products, read


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


def test_a_title_above_the_header_is_left_out_and_rows_keep_their_numbers() -> None:
    """R03"""
    judged = read(f"Table 1\n\n{HEADER}1,a,{A}\nx,b,{A}\n")
    assert [warning.message for warning in judged.warnings] == [
        "What stands above the header, which was found in row 3, was left out."
    ]
    assert [error.row for error in judged.errors] == [5]
    assert json.loads(judged.rows.readline())["row"] == 4


@pytest.mark.parametrize(
    ("above", "row"),
    [("Stock list\n\n", 3), ("#INFO,Version=1.0.0,Template= revise\n", 2), ('"Stock, spring"\nof all\n', 3)],
)
def test_a_header_that_lacks_a_column_is_the_one_below_the_title(above: str, row: int) -> None:
    """R03: the title was called the header, and nobody could choose among the columns of the file."""
    with pytest.raises(UnreadableCsv) as raised:
        read(f"{above}Item,Price,Stock,View\nChair,9,3,/media/77\n")
    (error,) = raised.value.errors
    assert error.sentence() == f"Row {row}: The column 'Input Image Urls' is missing"
    assert "This row was read as the header: 'Item', 'Price', 'Stock', 'View'." in error.hint
    assert raised.value.columns == ["Item", "Price", "Stock", "View"]


@pytest.mark.parametrize(
    "text", ["a,b,c\nItem,Price,9\n", f"a,{A}\nItem,Price,9\n", f"a\nItem,{A},9\n", "a\nb,c\n"]
)
def test_what_stands_in_the_first_row_is_the_header_unless_it_is_narrower_than_one(text: str) -> None:
    with pytest.raises(UnreadableCsv) as raised:
        read(text)
    assert {error.row for error in raised.value.errors} == {1}


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
