"""The exports of the common shop systems are accepted as they are, or refused in one sentence."""

import csv
import io

import pytest

from services.ingest.csv_file.header.column_choice import ColumnChoice
from services.ingest.csv_file.header.column_names import NeededColumn
from services.ingest.csv_file.verdicts import UnreadableCsv
from tests.worlds.files.read_exports import NUMBERED, A, B, read, refused, told, warned
from tests.worlds.files.shop_exports import CDN, EXPORTS, Export, rows


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
def test_an_export_is_accepted_as_it_is(export: Export) -> None:
    """R30"""
    judged, lines = read(export.text.encode(export.encoding))
    assert judged.errors == ()
    assert told(lines) == list(export.products)
    assert tuple(judged.header.taken()[NeededColumn.IMAGE_URLS]) == export.image_columns


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
def test_every_row_of_an_export_comes_back_cell_by_cell(export: Export) -> None:
    """R14, R30"""
    judged, lines = read(export.text.encode(export.encoding))
    sent = list(csv.reader(io.StringIO(export.text.lstrip("\ufeff"), newline=""), delimiter=export.delimiter))
    header, below = sent[export.rows_above - 1], sent[export.rows_above :]
    assert list(judged.header.columns) == header
    assert [line["cells"] for line in lines] == [
        [*cells, *[""] * (len(header) - len(cells))] for cells in below if any(cells)
    ]


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
def test_the_mapping_that_is_told_reads_the_same_when_it_is_sent_back(export: Export) -> None:
    """R30"""
    judged, lines = read(export.text.encode(export.encoding))
    taken = judged.header.taken()
    choice = ColumnChoice(
        next(iter(taken[NeededColumn.SERIAL_NUMBER]), None) or None,
        next(iter(taken[NeededColumn.PRODUCT_NAME]), None),
        tuple(taken[NeededColumn.IMAGE_URLS]),
    )
    again, lines_again = read(export.text.encode(export.encoding), choice)
    assert lines_again == lines
    assert again.header == judged.header


MAGENTO_PATHS = rows(
    ("sku", "name", "base_image", "small_image", "additional_images"),
    ("CH-1", "Chair", "/m/b/mb01-blue-0.jpg", "/m/b/mb01-blue-0.jpg", "/m/b/mb01-blue-0.jpg,/m/b/mb01-2.jpg"),
    ("CH-2", "Lamp", "/m/b/mb02.jpg", "", ""),
)
WIX_FILES = rows(
    ("handleId", "fieldType", "name", "productImageUrl"),
    ("p1", "Product", "Chair", "a1b2c3_0123456789abcdef0123456789abcdef~mv2.jpg;a1b2c3_ff~mv2.jpg"),
)
IMAGES = "'Image Src', 'Variant Image'"
NOT_IN = "is not a web address, nor is any in the column"
MEDIA = "media/catalog/product/m/b/"
PUT = "put the address under which your shop shows its images in front of each, as in"
BARE_NAMES = rows(("SKU", "Title", "Image"), ("C-1", "Chair", "chair.jpg"), ("L-1", "Lamp", "lamp.jpg"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            MAGENTO_PATHS,
            f"Row 2: '/m/b/mb01-blue-0.jpg' {NOT_IN} 'base_image': {PUT} https://shop.example/{MEDIA}mb01-blue-0.jpg",
        ),
        (
            BARE_NAMES,
            f"Row 2: 'chair.jpg' {NOT_IN} 'Image': {PUT} https://shop.example/chair.jpg",
        ),
        (  # as OpenCart exports them
            rows(("product_id", "name(en-gb)", "image_name"), ("30", "Canon", "catalog/demo/canon.jpg")),
            f"Row 2: 'catalog/demo/canon.jpg' {NOT_IN} 'image_name': {PUT} https://shop.example/image/catalog/demo/canon.jpg",
        ),
        (
            rows(("product_id", "name", "image_name"), ("30", "Canon", "/catalog/demo/canon.jpg")),
            f"Row 2: '/catalog/demo/canon.jpg' {NOT_IN} 'image_name': {PUT} https://shop.example/image/catalog/demo/canon.jpg",
        ),
        (  # beside a column that is empty
            rows(("name", "image_name", "additional_images"), ("Canon", "catalog/canon.jpg", "")),
            f"'catalog/canon.jpg' {NOT_IN} 'image_name': {PUT} https://shop.example/image/catalog/canon.jpg",
        ),
        (
            rows(("SKU", "Title", "Image name"), ("30", "Canon", "Front view")),
            "Row 1: The column 'Input Image Urls' is missing",
        ),
        (
            rows(("Handle", "Title", "Image Src"), ("chair", "Chair", ""), ("lamp", "Lamp", "")),
            "No row has an image address in the column 'Image Src'",
        ),
        (
            rows(("SKU", "Title", "Permalink"), ("C-1", "Chair", "https://shop.example/chair")),
            "Row 1: The column 'Input Image Urls' is missing: 'Permalink' holds the addresses of pages",
        ),
        (
            f"S. No.,1,2\nProduct Name,Chair,Lamp\nInput Image Urls,{A},{B}\n",
            "Row 1: The table lies on its side: its first column names what belongs into the first row",
        ),
        (
            "S. No.^Product Name^Input Image Urls\n1^Chair^x\n",
            "Row 1: All columns were read as one: 'S. No.^Product Name^Input Image Urls'",
        ),
        (
            f'"S. No.,Product Name,Images"\n"1,Chair,{A}"\n',
            "Row 1: All columns were read as one: 'S. No.,Product Name,Images'",
        ),
        (
            f"'S. No.','Product Name','Images'\n'1','Chair','{A}'\n",
            "Row 1: The cells stand in quotation marks of another kind: 'S. No.'",
        ),
        (
            f"“S. No.”,“Product Name”,“Images”\n“1”,“Chair”,“{A}”\n",
            "Row 1: The cells stand in quotation marks of another kind: “S. No.”",
        ),
        (
            rows(("Handle", "Title", "Image Scr"), ("chair", "Chair", A)),
            "Row 1: The column 'Input Image Urls' is missing",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_one_sentence(text: str, sentence: str) -> None:
    """R30"""
    error = refused(text)
    assert error.sentence() == sentence
    assert error.hint


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("a,b,c", ["Product Name", "Input Image Urls"]),
        ("Product Nam,Input Image Urls", ["Product Name"]),
        ("Serial Numbr,b,c", ["S. No.", "Product Name", "Input Image Urls"]),
        ("Serial Numbr,Product Name,Input Image Urls", ["S. No."]),
    ],
)
def test_serial_numbers_are_not_missed_where_rows_are_numbered_without(
    header: str, columns: list[str]
) -> None:
    """R30: the first sentence was of a column that no file needs."""
    with pytest.raises(UnreadableCsv) as raised:
        read(f"{header}\nx,y,z\n")
    assert [error.column for error in raised.value.errors] == columns


@pytest.mark.parametrize(
    ("cell", "advice"),
    [
        ("//cdn.example/1.jpg", "write https: in front of it: https://cdn.example/1.jpg"),
        ("www.cdn.example/1.jpg", "write https:// in front of it: https://www.cdn.example/1.jpg"),
        (r"C:\pics\1.jpg", "this is a file on a computer, which nobody else can reach"),
    ],
)
def test_what_is_in_each_cell_of_an_export_is_told_once_with_what_to_do(cell: str, advice: str) -> None:
    """R30"""
    error = refused(f"SKU,Title,Image\nC,Chair,{cell}\nL,Lamp,{cell}\n")
    assert f"nor is any in the column 'Image': {advice}" in error.sentence()


def test_an_image_far_down_is_read_beside_a_column_that_only_names_files() -> None:
    """R30: all was refused for the names where the first rows had no image."""
    many = [(f"P{n}", f"p{n}.jpg", f"{CDN}/{n}.jpg" if n == 30 else "") for n in range(40)]
    judged, lines = read(rows(("name", "image_name", "image"), *many))
    assert [line["images"][0]["url"] for line in lines if line["images"]] == [f"{CDN}/30.jpg"]
    assert judged.errors == ()


def test_an_export_of_lengow_is_taken() -> None:
    """R30: its NAME_PRODUCT was taken for a misspelt name of products, and the list was refused."""
    _, lines = read(f"ID_PRODUCT|NAME_PRODUCT|IMAGE_PRODUCT|IMAGE_PRODUCT_2\n7|Chair|{A}|{B}\n")
    assert told(lines) == [("7", "Chair", ("1.jpg", "2.jpg"))]


def test_the_files_of_wix_are_told_where_they_lie() -> None:
    """R30"""
    folder = "https://static.wixstatic.com/media/"
    name = "a1b2c3_0123456789abcdef0123456789abcdef~mv2.jpg"
    moved = f"handleId,name,productImageUrl\np1,Chair,wix:image://v1/{name}/x.jpg#originWidth=10\n"
    for text in (WIX_FILES, moved):
        assert refused(text).sentence().endswith(f"put {folder} in front of each, as in {folder}{name}")


def test_what_was_made_up_is_said() -> None:
    """R30"""
    judged, _ = read(EXPORTS["Shopify"].text)
    assert list(warned(judged).items()) == [
        ("column_assumed", f"The columns {IMAGES} were read as 'Input Image Urls', in this order."),
        ("rows_numbered", f"{NUMBERED}: 3 rows, the first of them row 2."),
        ("names_taken", "The product name is missing, so the one above was taken: row 3."),
        ("rows_without_image", "Without an image, a row only comes back in the output as it is: row 4."),
    ]


@pytest.mark.parametrize("rows_below", ["", "Total,,\n"])
def test_a_list_without_a_product_is_refused(rows_below: str) -> None:
    """R03"""
    assert refused(f"S. No.,Product Name,Input Image Urls\n{rows_below}").code == "no_rows"
