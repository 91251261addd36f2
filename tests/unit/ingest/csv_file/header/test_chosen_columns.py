"""All columns of images are read or told of, and a caller may say which columns are meant."""

import pytest

from services.ingest.csv_file.header.column_choice import ColumnChoice
from tests.worlds.files.read_exports import A, B, read, refused, told, warned
from tests.worlds.files.shop_exports import CDN


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
        ("ps_product_name|1|0,ps_item_cover_image|0|3,ps_item_image_1|0|3", f"Chair,{CDN}/1,{CDN}/2", 2),
        ("et_title_name|10|0,ps_item_cover_image|0|13", f"Chair,{CDN}/1", 1),
        ("Name,Image,GPS image", f"Chair,{CDN}/1,{CDN}/map", 1),
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


@pytest.mark.parametrize("column", ["Images", "image_url"])
def test_a_name_before_columns_that_are_numbers_is_no_code_of_shopees(column: str) -> None:
    """R30"""
    _, lines = read(f"{column}|0|1\n{CDN}/1|7|8\n")
    assert [image["url"] for line in lines for image in line["images"]] == [f"{CDN}/1"]


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


def test_a_column_whose_addresses_lie_beside_those_of_images_is_not_left_out_without_a_word() -> None:
    """R30: they end in no file's name, so nothing else tells of it: a marketplace's main images were gone."""
    rows_below = (
        f"Chair,{CDN}/file/a1,{CDN}/file/a2,{CDN}/chair,{CDN}/file/a",
        f"Lamp,,{CDN}/file/b2,{CDN}/lamp,{CDN}/file/b",
    )
    judged, lines = read("\n".join(("Name,Umschlag,Image,Shown at,Link", *rows_below)))
    assert [len(line["images"]) for line in lines] == [1, 1]
    (message,) = (each.message for each in judged.warnings if "not read" in each.message)
    assert message == (
        "The column 'Umschlag' was not read: the addresses lie beside those of images, but no name tells of"
        " any. If it is meant, name all columns of images in the field 'columns'."
    )


@pytest.mark.parametrize(
    ("image", "other"),
    [
        (f"{CDN}/file/1", f"{CDN}/file/a?w=9"),
        (f"{CDN}/img/show.php?id=1", f"{CDN}/img/show.php?id=2"),
    ],
)
def test_what_may_be_an_image_beside_others_is_told(image: str, other: str) -> None:
    """R30"""
    assert told_as_beside("Umschlag", image, other)


@pytest.mark.parametrize(
    ("name", "image", "other"),
    [
        ("Datasheet", f"{CDN}/file/1", f"{CDN}/file/a.pdf"),
        ("Datasheet", f"{CDN}/file/1", f"{CDN}/file/a.PDF?v=3"),
        ("Video", f"{CDN}/file/1", f"{CDN}/file/a.mp4"),
        ("Supplier", f"{CDN}/img1", f"{CDN}/acme"),
        ("Supplier", "https://i.example?id=1", "https://acme.example"),
        ("Supplier", f"{CDN}/file/1", "https://acme.example"),
    ],
)
def test_no_warning_is_given_of_what_plainly_holds_no_images(name: str, image: str, other: str) -> None:
    """R30: whoever is warned of data sheets and suppliers reads no warning."""
    assert not told_as_beside(name, image, other)


def told_as_beside(name: str, image: str, other: str) -> bool:
    """Whether a second column is said to hold what may be images, by where its addresses lead alone."""
    judged, _ = read(f"Name,{name},Image\nChair,{other},{image}\nLamp,,{image}0\n")
    return any("lie beside those of images" in each.message for each in judged.warnings)


@pytest.mark.parametrize("main", ["base_image", "image_url"])
def test_a_column_of_images_that_holds_no_address_is_not_left_out_without_a_word(main: str) -> None:
    """R30"""
    judged, _ = read(f'name,{main},additional_images\nChair,{A},"/c/h/1.jpg,/c/h/2.jpg"\n')
    told_of_images = next(each.message for each in judged.warnings if main in each.message)
    assert told_of_images == (
        f"The column '{main}' was read as 'Input Image Urls', but not 'additional_images', where the first"
        " rows hold no address."
    )


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
