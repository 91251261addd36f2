"""Every column that holds images is read, whatever it is called, and every list of addresses in a cell."""

import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.csv_file.image_urls.endings import IMAGE_ENDINGS
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.verdicts import UnreadableCsv

A, B, C = "https://a.example/1.jpg", "https://b.example/2.jpg", "https://c.example/3.jpg"
PAGE = "https://shop.example/products/chair"


def read(text: str) -> tuple[JudgedCsv, list[list[str]]]:
    judged = read_csv(io.BytesIO(text.encode()), CsvLimits())
    with judged.rows as rows:
        return judged, [[image["url"] for image in json.loads(line)["images"]] for line in rows]


def said(judged: JudgedCsv) -> list[str]:
    return [warning.message for warning in judged.warnings]


@pytest.mark.parametrize(
    "names",
    [
        ("Image URL 1", "Image URL 2", "Image URL 3"),
        ("Image URL", "Image URL 2", "Image URL 3"),
        ("Image URL", "Image URL", "Image URL"),
        ("image_link", "additional_image_link", "additional_image_link"),
        ("IMAGE1", "IMAGE2", "IMAGE10"),
        ("Main image", "Picture", "Photo"),
        ("Image Src", "Variant Image", "Images"),
        ("main_image_url", "other_image_url1", "other_image_url2"),
        ("Product Image URL - 1", "Product Image URL - 2", "Product Image URL - 3"),
        ("Image URLs (x,y,z...)", "PicURL", "Item photo URL"),
        ("g:image_link", "g:additional_image_link", "thumbnail_image"),
        ("Bild", "Bild-URL 2", "Weitere Bilder"),
        ("image_front", "image_back", "Image of product"),
        ("image_small", "image_medium", "image_large"),
        ("Image", "image_medium", "image_hover"),
        ("Bild 1 Pfad/URL", "Bild 2 Pfad/URL", "Foto produk"),
        ("Imagen principal", "Imagen 2", "Imagen 3"),
        ("画像URL1", "画像URL2", "商品画像"),
        ("Hoofdafbeelding", "Afbeelding 2", "Afbeelding 3"),
        ("URL de l'image", "Visuel 2", "Lien image"),
        ("Imagen destacada", "URL de la imagen 2", "Foto 3"),
        ("Zdjęcie główne", "Zdjęcie 2", "Gambar Utama"),
        ("Основное фото", "Главное изображение", "メイン画像"),
        ("صورة المنتج", "छवि", "Hovedbillede"),
        ("Huvudbild", "Pääkuva", "Ana Görsel"),
        ("Input Image Url 1", "Input Image Url 2", "Input Image Url 3"),
    ],
)
def test_all_columns_of_images_are_read_in_order_and_said(names: tuple[str, str, str]) -> None:
    """R04"""
    head = ",".join(f'"{name}"' for name in names)
    judged, urls = read(f"S. No.,Product Name,{head}\n1,Chair,{A},{B},{C}\n2,Lamp,{C},,{A}\n3,Bed,,{B},\n")
    assert urls == [[A, B, C], [C, A], [B]]
    listed = ", ".join(f"'{name}'" for name in names)
    assert said(judged) == [f"The columns {listed} were read as 'Input Image Urls', in this order."]


def test_a_column_of_names_holds_no_images_though_its_cells_are_addresses_of_some() -> None:
    """R04: a program without a title writes the image's address in its place."""
    judged, urls = read(f"S. No.,Product Name,Image\n1,{C},{A}\n2,{A},{B}\n")
    assert urls == [[A], [B]]
    assert said(judged) == ["The column 'Image' was read as 'Input Image Urls'."]


@pytest.mark.parametrize(
    "name",
    [
        *("Ссылка на главное фото*", "Ссылки на дополнительные фото", "Ссылка_изображения", "Фото товара"),
        *("主图链接", "圖片網址", "商品图片地址", "画像リンク", "이미지 링크", "Obraz", "Obrazki", "تصاویر"),
        *("الصور", "hinh_anh", "gorsel_url", "kep_url", "imagenes", "zdjecie_glowne"),
        *("Ürün Resmi", "Ürün Görseli", "Hình ảnh sản phẩm", "Zdjęcie produktu", "Obrázek produktu"),
        *(
            "Zusatzbild 1",
            "Titelbild",
            "Autres images",
            "Imagem do produto",
            "Imagem de capa",
            "Hlavní obrázek",
        ),
        *("Termékkép", "Glavna slika", "Детальная картинка", "Основне зображення", "Tuotekuva", "Εικόνες"),
        *(
            "附图1",
            "封面图",
            "サムネイル",
            "상세이미지",
            "رابط الصورة",
            "קישור לתמונה",
            "Ảnh đại diện",
            "รูปสินค้า",
        ),
        *(
            "products_image",
            "v_products_image",
            "IE_DETAIL_PICTURE",
            "1st image",
            "merchant_image_url",
            "Carousel image",
        ),
        *("Image per Variation", "Imagem por Variação", "規格圖片", "ภาพปก", "property_1_image_2"),
        *("White Background Image", "promotionWhiteBkgImage"),
    ],
)
def test_a_column_of_images_is_known_by_its_name_where_no_address_ends_as_a_file_does(name: str) -> None:
    """R30: the list was refused for want of a column of images."""
    address = "https://cdn.example/images/7/orig"
    _, urls = read(f"SKU,Name,{name}\nC-1,Chair,{address}\n")
    assert urls == [[address]]


@pytest.mark.parametrize(
    "name",
    [
        *("Imágenes adicionales", "Image supplémentaire", "Images additionnelles", "Imagens adicionais"),
        *(
            "Immagini aggiuntive",
            "Aanvullende afbeeldingen",
            "Další obrázky",
            "További képek",
            "Dodatne slike",
        ),
        *(
            "Imagini suplimentare",
            "Доп. фото",
            "Допълнителни снимки",
            "Ek Resimler",
            "Övriga bilder",
            "Lisäkuvat",
        ),
        *("Επιπλέον εικόνες", "副图", "追加画像", "الصور الإضافية", "תמונות נוספות", "Supplementary Images"),
    ],
)
def test_a_column_of_further_images_is_known_by_its_name_while_no_row_has_any(name: str) -> None:
    """R30: those of the few products that have some, far below, were left out without a word."""
    few = "".join(f"P{number},{A},\n" for number in range(60))
    _, urls = read(f"SKU,Image,{name}\n{few}Lamp,{A},{B}\n")
    assert urls[-1] == [A, B]


@pytest.mark.parametrize(
    "name",
    [
        *("Image Alt", "Logo", "Image title", "Image count", "Image type", "Bildtitel", "Galerie", "Billed"),
        *("Visual", "Color visual", "Visual source", "Image alternative"),
    ],
)
def test_a_column_that_says_something_of_an_image_is_none_of_images(name: str) -> None:
    """R04"""
    few = "".join(f"P{number},{A},\n" for number in range(60))
    judged, urls = read(f"SKU,Image,{name}\n{few}Lamp,{A},front\n")
    assert (judged.errors, urls[-1]) == ((), [A])


@pytest.mark.parametrize("page", ["URL", "Link", "Permalink", "Product URL", "url", "Page URL", "link"])
@pytest.mark.parametrize("name", ["Image", "Images", "Image Src", "Main image", "Picture", "Photo 1", "Foto"])
def test_a_column_of_page_addresses_never_wins_over_one_of_images(page: str, name: str) -> None:
    """R04"""
    _, urls = read(f"S. No.,Product Name,{page},{name}\n1,Chair,{PAGE},{A}\n")
    assert urls == [[A]]
    _, urls = read(f"S. No.,Product Name,{name},{page}\n1,Chair,{A},{PAGE}\n")
    assert urls == [[A]]


@pytest.mark.parametrize(
    "extra",
    [
        "Output Image Urls",
        "Image Alt Text",
        "Image Position",
        "image_label",
        "Image",
        "Thumbnail",
        "Image count",
    ],
)
def test_beside_the_column_of_our_own_header_others_are_extra_columns(extra: str) -> None:
    """R04"""
    judged, urls = read(f"S. No.,Product Name,Input Image Urls,{extra}\n1,Chair,{A},x\n")
    assert urls == [[A]]
    assert judged.warnings == ()


@pytest.mark.parametrize("named", ["URL", "Link", "Web address"])
@pytest.mark.parametrize(
    ("column", "shown"),
    [("Image", ("", "")), ("Photo", ("#VALUE!", "#VALUE!")), ("Image zoom", ("yes", "no"))],
)
def test_a_column_that_shows_the_images_of_another_keeps_nobody_from_reading_that(
    column: str, shown: tuple[str, str], named: str
) -> None:
    """R30: so it comes of =IMAGE(D2); the list was refused as a whole."""
    first, second = shown
    judged, lines = read(f"No,Name,{column},{named}\n1,Chair,{first},{A}\n2,Lamp,{second},{B}\n")
    assert judged.errors == ()
    assert lines == [[A], [B]]


@pytest.mark.parametrize(
    ("cell", "other"),
    [("/media/1.jpg", A), ("1.jpg", A), ("media/1", A), ("yes", "https://shop.example/chair"), ("yes", "")],
)
def test_an_image_that_is_not_written_in_full_is_not_replaced_by_another(cell: str, other: str) -> None:
    """R30: the address beside it may be that of a brand's sign, or of a page."""
    errors = read(f"No,Name,Image,URL\n1,Chair,{cell},{other}\n")[0].errors
    assert [(error.code, error.column) for error in errors] == [("invalid_url", "Image")]


def test_numbered_columns_that_a_program_sorted_by_name_are_read_by_number() -> None:
    """R04"""
    _, urls = read(f"S. No.,Product Name,Image 1,Image 10,Image 2\n1,Chair,{A},{C},{B}\n")
    assert urls == [[A, B, C]]


@pytest.mark.parametrize(
    ("name", "cell"), [("image_zoom", "yes"), ("Image Hover", "1"), ("image_medium", "m/1.jpg")]
)
def test_a_column_whose_name_begins_as_the_one_with_the_addresses_need_not_hold_any(
    name: str, cell: str
) -> None:
    """R04: each row with such a cell was refused."""
    judged, urls = read(f"S. No.,Product Name,image,{name}\n1,Chair,{A},{cell}\n2,Lamp,{B},{cell}\n")
    assert (judged.errors, urls) == ((), [[A], [B]])
    told = f"The column 'image' was read as 'Input Image Urls', but not '{name}', where the first rows hold"
    assert said(judged) == [f"{told} no address."]


@pytest.mark.parametrize("name", ["Link", "Media", "Adresse der Datei", "アドレス", "col 7"])
def test_a_column_whose_name_does_not_tell_is_known_by_its_cells(name: str) -> None:
    """R04"""
    judged, urls = read(
        f'S. No.,Product Name,Page,{name}\n1,Chair,{PAGE},"{A}?w=1, {B}"\n2,Lamp,{PAGE},{C}\n'
    )
    assert urls == [[f"{A}?w=1", B], [C]]
    assert said(judged) == [f"The column '{name}' was read as 'Input Image Urls'."]


@pytest.mark.parametrize("main", ["", "Image,"])
def test_a_further_column_of_images_may_be_empty_in_the_first_rows(main: str) -> None:
    """R30: the further images of a few products were left out without a word."""
    begin, first = (f"{C},", [C]) if main else ("", [])
    few = "".join(f"P{number},{begin}{A},,x\n" for number in range(60))
    header = f"Name,{main}kuvake_1,kuvake_2,note_3\n"
    judged, urls = read(f"{header}{few}Lamp,{begin}{A},{B},x\n")
    assert urls[-1] == [*first, A, B]
    assert "'kuvake_2'" in " ".join(said(judged))


@pytest.mark.parametrize(
    "names",
    [
        *(",0,1,2", ",Unnamed: 1,Unnamed: 2,Unnamed: 3", "SKU,Field1,Field2,Field3"),
        *("SKU,Column2,Column3,Column4", "SKU,Attribute 2 value,Attribute 1 value,Attribute 3 value"),
    ],
)
def test_a_number_tells_of_no_images_where_columns_of_something_else_are_numbered_alike(names: str) -> None:
    """R30: the one that was empty in the first rows was read, and its notes were told as wrong addresses."""
    few = "".join(f"{number},Chair,{A},\n" for number in range(60))
    judged, urls = read(f"{names}\n{few}60,Lamp,{A},sold out\n")
    assert judged.errors == ()
    assert urls == [[A]] * 61


def test_an_export_of_baselinker_is_taken_and_its_additional_images_are_known_by_their_names() -> None:
    """R30: its produkt_id was taken for a misspelt Produkt, and the list was refused."""
    few = "".join(f"{number},{A},\n" for number in range(60))
    _, urls = read(f"produkt_id,zdjecie,zdjecie_dodatkowe_1\n{few}61,{A},{B}\n")
    assert urls[-1] == [A, B]


@pytest.mark.parametrize("text", [f"| gallery |\n| {A} |\n| {B} |\n", f",gallery\n,{A}\n,{B}\n"])
def test_a_column_without_name_and_cells_hides_no_other(text: str) -> None:
    """R04: a Markdown table has one before its first bar; the one column behind it was missing."""
    judged, urls = read(text)
    assert (judged.errors, urls) == ((), [[A], [B]])


@pytest.mark.parametrize("ending", IMAGE_ENDINGS)
def test_whatever_the_files_of_images_end_in_their_column_is_known_and_a_label_behind_one(
    ending: str,
) -> None:
    """R04: also a format that we do not read, for then each of its files is answered by name."""
    image = f"https://a.example/1{ending}"
    _, urls = read(f"S. No.,Product Name,Media\n1,Chair,{image}\n2,Lamp,{image}::Front\n")
    assert urls == [[image], [image]]


def test_a_column_of_images_by_its_cells_wins_over_one_of_page_addresses_by_its_name() -> None:
    """R04"""
    _, urls = read(f"S. No.,Product Name,URL,Media\n1,Chair,{PAGE},{A}\n")
    assert urls == [[A]]
    _, urls = read(f"S. No.,Product Name,URL,Media\n1,Chair,{A},{PAGE}\n")
    assert urls == [[A]]


@pytest.mark.parametrize(
    "cells",
    [f"{PAGE}\n2,Lamp,{PAGE}", f"{A}\n2,Lamp,{PAGE}", f"front\n2,Lamp,{A}", "https://a.example/x.jpg.html"],
)
def test_a_column_of_anything_else_is_not_taken_for_images(cells: str) -> None:
    """R04"""
    with pytest.raises(UnreadableCsv):
        read(f"S. No.,Product Name,Media\n1,Chair,{cells}\n")


def test_an_error_names_the_column_of_several_that_holds_it() -> None:
    """R03"""
    judged, _ = read(f"S. No.,Product Name,Image 1,Image 2\n1,Chair,{A},htp://b\n2,Lamp,,\n")
    assert [(error.row, error.column, error.code) for error in judged.errors] == [
        (2, "Image 2", "invalid_url"),
        (3, "Image 1", "missing_url"),
    ]


@pytest.mark.parametrize("nothing", ["-", "n/a", "None", "nan", "null", "\\N", "FALSE", "0", "character(0)"])
def test_a_column_of_several_may_say_that_there_is_no_image(nothing: str) -> None:
    """R04"""
    judged, urls = read(
        f"S. No.,Product Name,Image 1,Image 2\n1,Chair,{A},{nothing}\n2,Lamp,{nothing},{nothing}\n"
    )
    assert urls == [[A]]
    assert {error.row for error in judged.errors} == {3}


def test_a_wrong_cell_is_shown_as_it_stands() -> None:
    """R03"""
    judged, _ = read(f"S. No.,Product Name,Image\n1,Chair,<img src={A}>\n")
    assert [error.value for error in judged.errors] == [f"<img src={A}>"]


def test_addresses_that_run_over_stand_behind_the_last_column_of_images() -> None:
    """R04"""
    _, urls = read(f"S. No.,Product Name,Image 1,Image 2,Colour\n1,Chair,{A},{B},{C},red\n")
    assert urls == [[A, B, C]]


@pytest.mark.parametrize(
    "cell",
    [
        f"{A}|{B}",
        f"{A} | {B}",
        f"{A}||{B}|",
        f"{A} / {B}",
        f"{A} and {B}",
        f"{A}, AND {B}",
        f"{A} & {B}",
        f"{A} + {B}",
        f"{A} -> {B}",
        f"{A} # {B}",
        f"{A}\uff0c{B}",
        f"{A}\u3001{B}",
        f"{A}\uff1b {B}",
        f"{A}\uff5c{B}",
        f"{A}\n{B}",
        f"{A}\r\n\r\n{B}\r\n",
        f"{A}\t{B}",
        f"{A}<br>{B}<br>",
        f"{A}<BR />\n{B}",
        json.dumps([A, B]),
        json.dumps([A, B]).replace("/", "\\/"),
        json.dumps([{"src": A, "alt": "a chair"}, {"src": B, "alt": None}]),
        json.dumps({"main": A, "more": [B], "count": 2}),
        str([{"src": A, "alt": None}, {"src": B, "alt": 'a "fine" chair\'s', "main": True}]),
        str([{"url": A, "path": "full/1.jpg", "status": "downloaded"}, {"url": B, "checksum": "b9"}]),
        f"[{{url: '{A}', main: true}}, {{url: \"{B}\"}}]",
        f'c("{A}", "{B}")',
        str([A, B]),
        str((A, B)),
        f"{{{A},{B}}}",
        f"[{A}, {B}]",
        f"'{A}','{B}'",
        f'"{A}" "{B}"',
        f"{{\"{A}\",'{B}'}}",
        f"<{A}, {B}>",
        f"{A}. {B}.",
        f"{A}\u060c {B}",
        f"{A}\u061b{B}\u060c",
        f"{A}\uff64{B}",
        f"front.jpg ({A}),red, (1).jpg ({B})",
        f"![front]({A}), ![]({B})",
    ],
)
def test_a_list_is_understood_however_it_is_written(cell: str) -> None:
    """R04"""
    quoted = cell.replace('"', '""')
    _, urls = read(f'S. No.,Product Name,Input Image Urls\n1,Chair,"{quoted}"\n')
    assert urls == [[A, B]]


@pytest.mark.parametrize(
    "cell",
    [
        f"{A}::{B}",
        f"{A}?v=1691234567:{B}",
        f"{A}!{B}",
        A + B,
        f"{A}&{B}",
        f"{A}/{B}",
        f"{A}#{B}",
        f"{A}*{B}",
        f"{A}+{B}",
        f"{A}\\n{B}",
        f"{A}-{B}",
        f"{A}_{B}",
        f"{A}~{B}",
        f"'{A}",
        f"front.jpg ({A}) {B}",
        f"({A}) ({B})",
        f"['{A}', 'b.jpg']",
        json.dumps([A, "b.jpg"]),
    ],
)
def test_what_is_no_list_that_we_know_is_refused_and_never_glued(cell: str) -> None:
    """R03, R04"""
    quoted = cell.replace('"', '""')
    judged, urls = read(f'S. No.,Product Name,Images,Note\n1,Chair,"{quoted}",x\n')
    assert urls == []
    assert {(error.row, error.column, error.code) for error in judged.errors} == {
        (2, "Images", "invalid_url")
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://web.archive.example/web/2020/https://a.example/1.jpg",
        "https://proxy.example/plain/https://a.example/1.jpg",
        "https://cdn.example/w_400,h_300/fetch/https://a.example/1.jpg",
        "https://a.example/?u=http://b.example/&v=https://c.example/",
        "https://a.example/?a=1&https://b.example/",
        "https://a.example/s3://bucket/1.jpg",
    ],
)
def test_an_address_inside_another_stays_in_it(url: str) -> None:
    """R04"""
    _, urls = read(f'S. No.,Product Name,Images\n1,Chair,"{url}"\n')
    assert urls == [[url]]


@pytest.mark.parametrize("cell", ["[]", "{}", '[""]', "[null]", "()"])
def test_an_empty_list_is_a_missing_address(cell: str) -> None:
    """R03"""
    quoted = cell.replace('"', '""')
    judged, _ = read(f'S. No.,Product Name,Images\n1,Chair,"{quoted}"\n')
    assert [error.code for error in judged.errors] == ["missing_url"]
    assert "pictures that lie in a sheet are not read" in str(judged.errors[0].hint)


@pytest.mark.parametrize(
    "piece",
    [
        '["https://',
        "'https://",
        '"https://a" ',
        "[",
        "{",
        " and https://a",
        "|https://",
        "https://https",
        "('",
        "{a:'",
        "{'\\'",
        "a (https://a)",
        "(https://",
    ],
)
def test_a_hostile_list_takes_time_in_proportion_to_its_length(piece: str) -> None:
    """R20: quadratic time would take minutes here."""
    cell = (piece * 100_000)[:100_000].replace('"', '""')
    limits = CsvLimits(urls_per_row=10_000_000)
    read_csv(io.BytesIO(f'S. No.,Product Name,Images\n1,a,"{cell}"\n'.encode()), limits).rows.close()


@given(
    st.lists(
        st.text("abcxyz0189-_.~%/,;=&?'|", max_size=12).map(
            lambda path: f"https://img.example/{path.rstrip(',;|')}x"
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["\n", " | ", " / ", " and ", "\uff0c", "json", "python", ", "]),
)
def test_whatever_addresses_are_joined_come_out_again(urls: list[str], way: str) -> None:
    """R04"""
    written = {"json": json.dumps(urls), "python": str(urls)}.get(way, way.join(urls))
    quoted = written.replace('"', '""')
    _, found = read(f'S. No.,Product Name,Images\n1,Chair,"{quoted}"\n')
    assert found == [urls]


def test_no_name_of_a_column_is_read_in_every_way_in_which_it_could_be() -> None:
    """R20: `link` and `top` are words before an image, and so are `linkto` and `p`: of 400 such names, each
    of eleven, it was half a minute's work.
    """
    names = ",".join(f"{'plinkto' * 11}{number}" for number in range(400))
    started = time.process_time()
    read(f"SKU,Name,Image,{names}\n1,Chair,{A}{',x' * 400}\n")
    assert time.process_time() - started < 5


def test_a_file_without_a_column_of_images_is_told_so_although_pages_have_addresses() -> None:
    """R03"""
    with pytest.raises(UnreadableCsv) as raised:
        read(f"S. No.,Product Name,Permalink\n1,Chair,{PAGE}\n")
    assert [(error.column, error.code) for error in raised.value.errors] == [
        ("Input Image Urls", "missing_column")
    ]
