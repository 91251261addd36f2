"""The exports of the common shop systems are accepted as they are, or refused in one sentence."""

import csv
import io
import json
from typing import Any

import pytest

from services.ingest.csv_file.header.column_choice import NOTHING_SAID, ColumnChoice
from services.ingest.csv_file.header.column_names import NeededColumn
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.verdicts import CellError, UnreadableCsv
from tests.unit.ingest.csv_file.shop_exports import CDN, EXPORTS, Export, rows

A, B = f"{CDN}/1.jpg", f"{CDN}/2.jpg"


def read(text: str | bytes, choice: ColumnChoice = NOTHING_SAID) -> tuple[JudgedCsv, list[dict[str, Any]]]:
    data = text.encode() if isinstance(text, str) else text
    judged = read_csv(io.BytesIO(data), CsvLimits(), choice=choice)
    with judged.rows as lines:
        return judged, [json.loads(line) for line in lines]


def told(lines: list[dict[str, Any]]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (
            line["serial_number"],
            line["name"],
            tuple(image["url"].rpartition("/")[2] for image in line["images"]),
        )
        for line in lines
    ]


def warned(judged: JudgedCsv) -> dict[str, str]:
    return {warning.code: warning.message for warning in judged.warnings}


def refused(text: str, choice: ColumnChoice = NOTHING_SAID) -> CellError:
    with pytest.raises(UnreadableCsv) as raised:
        read(text, choice)
    return raised.value.errors[0]


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
NUMBERED = "No column numbers the rows, so they were numbered 1, 2, 3 in their order"
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
            f"Row 2: 'catalog/demo/canon.jpg' {NOT_IN} 'image_name': {PUT} https://shop.example/catalog/demo/canon.jpg",
        ),
        (  # beside a column that is empty
            rows(("name", "image_name", "additional_images"), ("Canon", "catalog/canon.jpg", "")),
            f"Row 2: 'catalog/canon.jpg' {NOT_IN} 'image_name': {PUT} https://shop.example/catalog/canon.jpg",
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


@pytest.mark.parametrize(
    "note", ["CHAIRS,,", "Generated by ERP on 2026-01-01,,", "End of report", "no, NAME ,images"]
)
def test_a_heading_a_note_and_a_second_header_are_no_products(note: str) -> None:
    """R30"""
    judged, lines = read(f"No,Name,Images\n1,Chair,{A}\n{note}\n2,Lamp,{B}\n")
    assert judged.errors == ()
    assert [len(line["images"]) for line in lines] == [1, 0, 1]


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("ID,Type,Name,Images", f'"1,simple,Chair,""{A}, {B}"""'),
        ("Handle,Title,Image Src", f'"chair,""Chair, ""oak"""",{A}"'),
        ("S. No.,Product Name,Input Image Urls", f'"1,Chair,""{A},{B}"""'),
        ("S. No.;Product Name;Input Image Urls", f"1,Chair,{A}"),
    ],
)
def test_a_row_that_stands_in_its_first_cell_is_told_and_loses_no_image(header: str, line: str) -> None:
    """R30: so a spreadsheet saves the lines of a CSV that have quotation marks, where it took none apart."""
    judged, _ = read(f"{header}\n{line}\n")
    (error,) = judged.errors
    assert error.sentence() == "Row 2: the whole row stands in its first cell"
    assert error.hint.startswith("Upload the file as it was before a spreadsheet saved it")


def test_a_note_beside_the_columns_is_told_also_of_a_row_that_stands_in_its_first_cell() -> None:
    """R30"""
    row = f'"1,""{A}, {B}"",Chair",,,sold out'
    judged, _ = read(f"S. No.,Input Image Urls,Product Name,\n{row}\n2,{B},Lamp,\n")
    assert [error.problem for error in judged.errors] == ["the whole row stands in its first cell"]
    assert list(warned(judged)) == ["cells_left_out"]


def test_a_note_that_names_a_website_is_no_row_in_one_cell() -> None:
    """R30"""
    judged, lines = read(f'SKU,Name,Images\nC,Chair,{A}\n"By https://shop.example, on Monday, for you",,\n')
    assert judged.errors == ()
    assert [len(line["images"]) for line in lines] == [1, 0]


def test_a_note_whose_website_stands_where_the_images_do_is_none_either() -> None:
    """R30: the whole file was refused for its last line."""
    judged, lines = read(f'Name,Image\nChair,{A}\n"Exported by our shop, https://shop.example",\n')
    assert (judged.errors, [len(line["images"]) for line in lines]) == ((), [1, 0])


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("Nom du produit;Référence;Image principale;Image 2", "name;ref;media_1;media_2"),  # Mirakl
        ("Product Title;SKU;Main Image;Image 1", "title;shop_sku;main_image;image_1"),
        ("name;sku;image;image_1", "string;string;url;url"),
        ("Product name;SKU;Image URL;Image URL 2", "Required;Required;Optional;"),
        ("Name;No;Image;Image 2", "string;number;url;url"),
    ],
)
def test_what_is_said_of_the_columns_below_a_header_is_no_product(names: str, said: str) -> None:
    """R30: so marketplaces write their templates; the list was refused for `media_1`, which is no address."""
    first, second = f"{CDN}/1/front", f"{CDN}/1/back"
    judged, lines = read(f"{names}\n{said}\nChair;1;{first};{second}\nLamp;2;{first};\n")
    assert judged.errors == ()
    assert [(line["name"], len(line["images"])) for line in lines] == [("", 0), ("Chair", 2), ("Lamp", 1)]
    assert lines[0]["cells"] == said.split(";")
    assert warned(judged)["rows_without_image"] == (
        "A row that says something of the columns was not read as a product: row 2."
    )


@pytest.mark.parametrize("row", ["1,Chair,image", "C,Chair,Required", "2,Title,image", ",,image", "C,,url"])
def test_a_product_whose_image_is_a_word_is_still_told(row: str) -> None:
    """R03: so a link looks when a spreadsheet saves its text alone."""
    judged, _ = read(f"No,Name,Image\n1,Lamp,{A}\n{row}\n")
    assert judged.bad_rows == 1


def test_an_export_of_lengow_is_taken() -> None:
    """R30: its NAME_PRODUCT was taken for a misspelt name of products, and the list was refused."""
    _, lines = read(f"ID_PRODUCT|NAME_PRODUCT|IMAGE_PRODUCT|IMAGE_PRODUCT_2\n7|Chair|{A}|{B}\n")
    assert told(lines) == [("7", "Chair", ("1.jpg", "2.jpg"))]


@pytest.mark.parametrize("first", [",/media/1.jpg", ",a"])
def test_a_first_product_without_an_address_is_not_taken_for_the_header(first: str) -> None:
    """R30"""
    judged, _ = read(f"Image Src,Extra photo\n{first}\n{A},{B}\n{B},{A}\n")
    assert (judged.header.row, judged.products + judged.bad_rows) == (1, 3)


def test_products_with_images_are_no_titles_above_a_header() -> None:
    """R30"""
    error = refused(f"Note,Gallery,SKU\nC-81,{A},C-69\nLamp,{B},C-7\n,n/a,C-8\nChair,{B},9.00\n")
    assert error.code == "missing_column"


def test_the_line_below_the_header_of_a_markdown_table_hides_no_column_that_its_cells_tell() -> None:
    """R30: with this one cell the column of images was missing."""
    judged, lines = read(f"| No | Name | Media |\n|----|:---|---|\n| 1 | Chair | {A} |\n")
    assert (judged.errors, told(lines)[1:]) == ((), [("1", "Chair", ("1.jpg",))])


@pytest.mark.parametrize("edge", ["| ", ""])
def test_the_line_below_the_header_of_a_markdown_table_is_no_product(edge: str) -> None:
    """R30"""
    table = ["S. No. | Product Name | Input Image Urls", "---:|:---:|---", f"1 | Chair | {A}"]
    judged, lines = read("".join(f"{edge}{row} {edge}\n" for row in table))
    assert judged.errors == ()
    assert told(lines) == [("", "", ()), ("1", "Chair", ("1.jpg",))]
    assert warned(judged)["rows_without_image"] == "A line of dashes was not read as a product: row 2."


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


def test_merged_cells_a_total_and_a_second_header_are_said() -> None:
    """R30"""
    judged, _ = read(EXPORTS["a sheet with titles, merged cells and a total"].text)
    assert warned(judged)["names_taken"] == (
        "Without a number and a name, a row was read as of the product above: row 6."
    )
    assert [
        message
        for message in (each.message for each in judged.warnings)
        if "not read as a product" in message
    ] == [
        "The header stands there again; it was not read as a product: row 8.",
        "A total was not read as a product: row 10.",
    ]


@pytest.mark.parametrize(
    ("text", "serial_numbers"),
    [
        (f"SKU,Product Name,Image\n7,Chair,{A}\n9,Lamp,{B}\n", ["7", "9"]),
        (f"Item No.,Title,Image\n700,Chair,{A}\n900,Lamp,{B}\n", ["700", "900"]),
        (f"SKU,Product Name,Input Image Urls\nC-1,Chair,{A}\nL-1,Lamp,{B}\n", ["1", "2"]),
        (f"Item No.,Product Name,Input Image Urls\n70,Chair,{A}\n90,Lamp,{B}\n", ["70", "90"]),
        (f"ID,Title,Image\n7,Chair,{A}\nx,Lamp,{B}\n9,Vase,{B}\n", ["7", "2", "9"]),
        (f"SKU,Image\nC-1,{A}\nL-1,{B}\n", ["1", "2"]),
        (f"SKU,Image\n100,{A}\n200,{B}\n", ["100", "200"]),
        (f"Nº,Nombre,Imagen\n4,Silla,{A}\n", ["4"]),
        (f"№,Наименование,Фото\n4,Стул,{A}\n", ["4"]),
        (f"Title,Image\nChair,{A}\nLamp,{B}\n", ["1", "2"]),
        (f"No.,Image\n5,{A}\n6,{B}\n", ["5", "6"]),
    ],
)
def test_a_number_of_the_shops_own_is_the_serial_number_where_it_is_whole(
    text: str, serial_numbers: list[str]
) -> None:
    """R30"""
    judged, lines = read(text)
    assert judged.errors == ()
    assert [line["serial_number"] for line in lines] == serial_numbers


@pytest.mark.parametrize("name", ["No.", "Nr", "Number", "Nummer", "Numéro", "Номер", "Nro"])
@pytest.mark.parametrize(
    "codes",
    [
        ("1896-S", "70000", "LS-75"),
        ("10-1", "10-2", "10-3"),
        ("10/1", "10/2", "7"),
        ("1001 A", "1001 B", "7"),
    ],
)
def test_a_column_of_numbers_that_holds_codes_of_articles_numbers_no_rows(
    name: str, codes: tuple[str, ...]
) -> None:
    """R30: each row was refused, as of Business Central, which calls the codes of its articles No."""
    one, two, three = codes
    judged, lines = read(f"{name},Title,Image\n{one},Chair,{A}\n{two},Lamp,{B}\n{three},Vase,{B}\n")
    assert judged.errors == ()
    assert [line["serial_number"] for line in lines] == ["1", "2", "3"]
    assert "rows_numbered" in warned(judged)


@pytest.mark.parametrize(
    ("text", "serial_numbers"),
    [
        (f"Nr,Ssz,Title,Image\nA-1,7,Chair,{A}\nB-2,9,Lamp,{B}\n", ["7", "9"]),
        (f"No,SKU,Title,Image\nA-1,7,Chair,{A}\nB-2,9,Lamp,{B}\n", ["7", "9"]),
        (f"Ssz,Megnevezés,Kép\n7,Szék,{A}\n9,Lámpa,{B}\n", ["7", "9"]),
        (f"Nro,Nimi,Kuva\n7,Tuoli,{A}\n9,Lamppu,{B}\n", ["7", "9"]),
    ],
)
def test_the_column_that_holds_whole_numbers_numbers_the_rows(text: str, serial_numbers: list[str]) -> None:
    """R30"""
    judged, lines = read(text)
    assert judged.errors == ()
    assert [line["serial_number"] for line in lines] == serial_numbers


@pytest.mark.parametrize(
    "text",
    [
        f"Serial Number,Title,Image\nA-1,Chair,{A}\nB-2,Lamp,{B}\n",
        f"No,Title,Image\n1,Chair,{A}\nB-2,Lamp,{B}\n",
        f"No,Title,Image\nNo. 1,Chair,{A}\nNo. 2,Lamp,{B}\n",
        f"No,Title,Image\n1E+12,Chair,{A}\n2E+12,Lamp,{B}\n",
    ],
)
def test_a_list_of_numbers_is_still_held_to_them(text: str) -> None:
    """R03"""
    assert {error.code for error in read(text)[0].errors} == {"invalid_serial_number"}


def test_a_caller_may_say_that_codes_are_the_numbers() -> None:
    """R03: then he is told what is wrong with them."""
    choice = ColumnChoice("Number", "Title", ("Image",))
    judged, _ = read(f"Number,Title,Image\nA-1,Chair,{A}\n", choice)
    assert [error.code for error in judged.errors] == ["invalid_serial_number"]


@pytest.mark.parametrize("number", ["Number", "Item No."])
def test_a_name_alone_is_missing_beside_codes_of_articles(number: str) -> None:
    """R30: a serial number was said to be missing, too."""
    with pytest.raises(UnreadableCsv) as verdict:
        read(f"{number},Input Image Urls\nA-1,{A}\nB-2,{B}\n")
    assert [error.column for error in verdict.value.errors] == ["Product Name"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"ID,Image\n1,{CDN}/red%20chair.jpg\n", ["red chair"]),
        (f"ID,Image\n1,{CDN}/\n", ["cdn.example"]),
        (f"Handle,Title,Image\nchair,Chair,{A}\nlamp,,{CDN}/lamp.jpg\nlamp,,{B}\n", ["Chair", "lamp", "2"]),
        (f"SKU,Image\nC-1,{A}\n", ["C-1"]),
        (f"SKU,Title,Image\nC-1,Chair,{A}\n", ["Chair"]),
    ],
)
def test_a_name_that_is_missing_comes_from_the_row_above_or_from_the_images_file(
    text: str, names: list[str]
) -> None:
    """R30"""
    _, lines = read(text)
    assert [line["name"] for line in lines] == names


@pytest.mark.parametrize(
    "text",
    [
        f"S. No.,Input Image Urls\n1,{A}\n",
        f"Input Image Urls\n{A}\n",
        f"Serial Numbr,Product Name,Input Image Urls\n1,Chair,{A}\n",
        f"Seriel Number,Product,Images\n1,Chair,{A}\n",
        f"S. No.,Product Nmae,Images\n1,Chair,{A}\n",
        f"S. No.,Product Name\n1,{A}\n",
    ],
)
def test_our_own_header_and_a_misspelt_one_are_held_to_what_they_say(text: str) -> None:
    """R03"""
    assert refused(text).code == "missing_column"


@pytest.mark.parametrize("row", [f",,{A}", ",Chair,", f"x,Chair,{A}", f"1,,{A}", "1,Chair,", "1,Chair,N/A"])
def test_a_row_of_our_own_template_that_lacks_something_is_invalid(row: str) -> None:
    """R03"""
    judged, lines = read(f"S. No.,Product Name,Input Image Urls\n1,Chair,{A}\n{row}\n")
    assert judged.bad_rows == len(lines) == 1


@pytest.mark.parametrize(
    "total", ["Total,,", "TOTAL:,3 products,", "Total 12,,", "Summe;;".replace(";", ","), ",,,Total"]
)
def test_a_total_at_the_end_is_no_product_and_comes_back(total: str) -> None:
    """R30"""
    judged, lines = read(f"S. No.,Product Name,Input Image Urls,Price\n1,Chair,{A},9\n{total}\n")
    assert judged.errors == ()
    assert lines[1]["cells"] == [*total.split(","), ""][:4]
    assert lines[1]["images"] == []


@pytest.mark.parametrize("row", ["2,Total,", ",Total eclipse lamp,", f"Total,,{A}", "Totalled,,"])
def test_a_product_whose_name_looks_like_a_total_is_still_judged(row: str) -> None:
    """R03"""
    judged, _ = read(f"S. No.,Product Name,Input Image Urls\n1,Chair,{A}\n{row}\n")
    assert judged.bad_rows == 1


def test_our_own_header_without_serial_numbers_has_its_rows_numbered_and_says_so() -> None:
    """R30"""
    judged, lines = read(f"Product Name,Input Image Urls\nChair,{A}\nLamp,{B}\n")
    assert told(lines) == [("1", "Chair", ("1.jpg",)), ("2", "Lamp", ("2.jpg",))]
    assert warned(judged) == {"rows_numbered": f"{NUMBERED}: 2 rows, the first of them row 2."}


@pytest.mark.parametrize(
    ("header", "cells", "images"),
    [
        ("מספר,שם מוצר,תמונה", f"1,כיסא,{A}", 1),
        ("الرقم,اسم المنتج,صورة", f"1,كرسي,{A}", 1),
        ("№ п/п,Название товара,Ссылка", f"1,Стул,{A}", 1),
        ("商品ID,商品标题,主图,详情图", f"1,椅子,{A},{B}", 2),
        ("ลำดับ,ชื่อสินค้า,รูปภาพ", f"1,เก้าอี้,{A}", 1),
        ("id,Product name,Detailed image,Thumbnail", f"1,Chair,{A},{B}", 2),
        ("ID,Name,Image URL (Import),Internal Image URL (Export)", f"1,Chair,{A},{B}", 2),
        ("et_title_product_id,et_title_product_name,ps_item_cover_image,ps_item_image_1", f"1,C,{A},{B}", 2),
        ("no,name,Image,Kuvake", f"1,Chair,{A},{B}", 2),
        ("järjestys,kuvaus,kuvake", f"1,Chair,{A}", 1),
        ("Name,Attachments", 'Chair,"a.jpg (https://f.example/1),b (2).PNG (https://f.example/2)"', 2),
    ],
)
def test_names_in_more_languages_and_cells_alone_tell_all_columns_of_images(
    header: str, cells: str, images: int
) -> None:
    """R30: none is left out without a word."""
    judged, lines = read(f"{header}\n{cells}\n")
    assert [len(line["images"]) for line in lines] == [images]
    assert "column_assumed" in warned(judged)


@pytest.mark.parametrize("main", ["Image", "Kuvake"])
def test_a_column_in_which_only_some_cells_tell_of_images_is_not_left_out_without_a_word(main: str) -> None:
    """R30"""
    rows_below = f"Chair,{A},{B},{A}\nLamp,{B},https://cdn.example/img/7,failed\n"
    judged, lines = read(f"Name,{main},Gallery,Output Image Urls\n{rows_below}")
    assert [len(line["images"]) for line in lines] == [1, 1]
    assert (
        "The column 'Gallery' was not read: some cells are addresses of images, others are not. If it is"
        " meant, name all columns of images in the field 'columns'."
    ) in [each.message for each in judged.warnings]


@pytest.mark.parametrize("main", ["base_image", "image_url"])
def test_a_column_of_images_that_holds_no_address_is_not_left_out_without_a_word(main: str) -> None:
    """R30"""
    judged, _ = read(f'name,{main},additional_images\nChair,{A},"/c/h/1.jpg,/c/h/2.jpg"\n')
    told_of_images = next(each.message for each in judged.warnings if main in each.message)
    assert told_of_images == (
        f"The column '{main}' was read as 'Input Image Urls', but not 'additional_images', where the first"
        " rows hold no address."
    )


@pytest.mark.parametrize(
    "name",
    [
        *("Artikel", "Produkt", "Produkttitel", "Produit", "Producto", "Nombre del producto", "Artículo"),
        *("Prodotto", "Produto", "Товар", "商品", "製品名", "제품", "उत्पाद का नाम", "Sản phẩm", "Tuote"),
        *("Denumire produs", "Termék neve", "Όνομα προϊόντος"),
    ],
)
def test_a_column_called_product_in_some_language_holds_the_names(name: str) -> None:
    """R30: the name of the image's file was taken."""
    judged, lines = read(f"Nr,{name},SKU,Foto\n1,Chair,C-1,{A}\n")
    assert told(lines) == [("1", "Chair", ("1.jpg",))]
    assert f"The column '{name}' was read as 'Product Name'." in [each.message for each in judged.warnings]


@pytest.mark.parametrize(
    "name",
    [
        *("urun_adi", "ten_san_pham", "nazev", "termek_nev", "libelle", "Designation", "TYTUL", "Benamning"),
        *("Имя", "İsim", "Namn", "名前", "שם", "Jméno", "Nume", "نام", "Nimetus", "Nosaukums"),  # WooCommerce
        *("Название_позиции", "Название товара или услуги", "Наименование товара", "宝贝名称", "產品名稱"),
        *("Nome produto", "Nom commercial", "Tên hàng", "Nama Barang", "Book-Title", "productDisplayName"),
        *(
            "name.DEFAULT",
            "translations.DEFAULT.name",
            "products_name_de",
            "v_products_name_1",
            "products_name",
        ),
        *("Název výrobku", "Názov výrobku", "Ime izdelka", "Tuotteen nimi", "Име на продукта"),
        *("Libellé court", "Nume produs", "Offer title", "model_name", "أسم المنتج", "등록상품명"),
    ],
)
def test_a_column_of_names_is_known_as_programs_and_translations_spell_it(name: str) -> None:
    """R30: the SKU, or the name of the image's file, was taken."""
    _, lines = read(f"{name},SKU,Foto\nChair,C-1,{A}\n")
    assert told(lines) == [("1", "Chair", ("1.jpg",))]


@pytest.mark.parametrize(
    ("number", "name", "images"),
    [
        ("Zap. št.", "Ime izdelka", "Povezava do slike"),
        ("Por. č.", "Názov výrobku", "Odkaz na obrázok"),
        ("Pořadové číslo", "Název výrobku", "Obrázek"),
        ("Nro", "Tuotteen nimi", "Kuvan osoite"),
        ("Løpenr", "Varenavn", "Bildelenke"),
        ("מספר", "שם מוצר", "קישור תמונה"),
        ("क्र.", "उत्पाद का नाम", "चित्र लिंक"),
    ],
)
def test_a_list_is_known_by_its_header_where_the_addresses_tell_nothing(
    number: str, name: str, images: str
) -> None:
    """R30: they end as no file."""
    _, lines = read(f"{number},{name},{images}\n7,Chair,https://shop.example/media/11\n")
    assert told(lines) == [("7", "Chair", ("11",))]


@pytest.mark.parametrize("number", ["Artikel", "Produkt", "Товар"])
@pytest.mark.parametrize("name", ["Materialkurztext", "Bezeichnung", "Title"])
def test_beside_a_column_of_names_one_called_product_may_hold_numbers(number: str, name: str) -> None:
    """R30"""
    _, lines = read(f"No;{number};{name};Bild\n1;4711;Stuhl;{A}\n")
    assert told(lines) == [("1", "Stuhl", ("1.jpg",))]


@pytest.mark.parametrize(
    "name", ["Name 1", "ItemText.name1", "Artikelname 1", "Product name 1", "Bezeichnung 1"]
)
def test_the_first_of_several_columns_of_names_holds_the_names(name: str) -> None:
    """R30: as merchants' programs number them. Some were refused, others named by the images' files."""
    judged, lines = read(f"Artikelnummer,Name 2,{name},Bild\nA-1,rot,Stuhl,{A}\n")
    assert (judged.errors, [line["name"] for line in lines]) == ((), ["Stuhl"])


@pytest.mark.parametrize("first", ["1,Chair,coming soon", "Chair,n/a", "Chair,", f"Chair,{A}"])
def test_a_product_is_never_taken_for_a_header_by_the_addresses_below_it(first: str) -> None:
    """R03"""
    below = ",".join(["Lamp"] * first.count(","))
    assert refused(f"{first}\n{below},{B}\n").code == "missing_column"


def test_a_caller_may_say_which_columns_are_meant() -> None:
    """R30"""
    text = f"Title,Number,Photo of it,Other,URL\nChair,5,{A},{B},https://shop.example/chair\n"
    choice = ColumnChoice("number", "Title", ("Other", "Photo of it"))
    _, lines = read(text, choice)
    assert told(lines) == [("5", "Chair", ("2.jpg", "1.jpg"))]
    _, lines = read(text, ColumnChoice(image_urls=("Other",)))
    assert told(lines) == [("5", "Chair", ("2.jpg",))]


def test_what_a_caller_has_said_is_no_assumption() -> None:
    """R30"""
    text = f"No,SKU,images,Other\n5,Chair,{A},{B}\n"
    judged, _ = read(text)
    assert [each.code for each in judged.warnings] == ["column_assumed"] * 3
    judged, _ = read(text, ColumnChoice(image_urls=("images",)))
    assert [each.message for each in judged.warnings] == [
        "The column 'No' was read as 'S. No.'.",
        "The column 'SKU' was read as 'Product Name'.",
    ]
    judged, _ = read(text, ColumnChoice("No", "SKU", ("Other", "images")))
    assert warned(judged) == {}


def test_a_column_that_the_caller_names_and_the_file_has_not_is_named() -> None:
    """R30"""
    error = refused(f"Title,Image\nChair,{A}\n", ColumnChoice(product_name="Titel"))
    assert (error.code, error.column) == ("missing_column", "Titel")
    assert error.hint == "Name a column of the file in the field 'columns'. It has 'Title', 'Image'."


@pytest.mark.parametrize("rows_below", ["", "Total,,\n"])
def test_a_list_without_a_product_is_refused(rows_below: str) -> None:
    """R03"""
    assert refused(f"S. No.,Product Name,Input Image Urls\n{rows_below}").code == "no_rows"


@pytest.mark.parametrize("again", ["Title,Image", "ID,Title,Image", "SKU,Title,Image,Note"])
def test_a_header_that_stands_below_products_never_hides_them(again: str) -> None:
    """R30"""
    text = f"Title,Image\nChair,{A}\nLamp,{B}\n{again}\nVase,{A}\n"
    judged = read_csv(io.BytesIO(text.encode()), CsvLimits())
    judged.rows.close()
    assert judged.header.row == 1
    assert judged.products + judged.bad_rows == 4


def test_two_names_under_another_delimiter_are_no_name_of_one_column() -> None:
    """R30"""
    judged, _ = read(f"URL;Images;Title\n{A};{B};Chair\n")
    assert judged.header.columns == ("URL", "Images", "Title")
    judged, _ = read(f"URL,Images\n{A},\n")
    assert judged.header.columns == ("URL", "Images")
