"""Which column of an export holds the names, and where one that is missing comes from."""

import pytest

from tests.worlds.files.read_exports import A, B, read, refused, told
from tests.worlds.files.shop_exports import CDN


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"ID,Image\n1,{CDN}/red%20chair.jpg\n", ["red chair"]),
        (f"ID,Image\n1,{CDN}/\n", ["cdn.example"]),
        (f"Handle,Title,Image\nchair,Chair,{A}\nlamp,,{CDN}/lamp.jpg\nlamp,,{B}\n", ["Chair", "lamp", "2"]),
        (f"SKU,Image\nC-1,{A}\n", ["C-1"]),
        (f"SKU,Title,Image\nC-1,Chair,{A}\n", ["Chair"]),
        (f"S. No.,SKU Name,Title DE,Image URL\n1,C-1,Stuhl,{A}\n", ["Stuhl"]),
        (f"SKU,Nome SKU,Imagem\nC-1,Cadeira,{A}\n", ["Cadeira"]),
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


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("የምርት ስም", "የምስል አድራሻ"),
        ("ስም", "ምስል"),
        ("পণ্যের নাম", "পণ্যের ছবি"),
        ("নাম", "ছবির লিংক"),
        ("Prekės pavadinimas", "Nuotraukos nuoroda"),
        ("Preces nosaukums", "Attēls"),
        ("Toote nimi", "Pildid"),
        ("დასახელება", "სურათი"),
        ("Անվանում", "Նկար"),
        ("Nazwa", "Główne zdjęcie"),
        ("Название", "Ссылка на главную фотографию"),
        ("Название", "Дополнительная фотография"),
        ("Название", "Фото основное"),
        ("Název", "Fotka"),
        ("Nom", "Imatge"),
        ("Nom de l'article", "Photos complémentaires"),
        ("Име на продукта", "Линк към снимка"),
        ("نام کالا", "لینک عکس"),
        *(("Nombre del artículo", "Foto"), ("Nome articolo", "Foto"), ("Artikelnaam", "Foto")),
        ("Ürün ismi", "Foto"),
        ("商品名", "拡大画像のURL"),  # MakeShop
        *(("Product Name", "Color Block Image"), ("Product Name", "Square Image")),  # SHEIN
        *(("Product Name", "Main Palette Image URL"), ("Product Name", "Clean Image URL")),  # Flipkart, Wish
        ("PRODUCT_TITLE", "VISUAL_1"),
        ("PRODUCTNAME", "IMGURL_ALTERNATIVE"),  # Heureka
        ("_SKUName (Not changeable)", "_SKUImage"),  # VTEX
    ],
)
def test_names_and_images_are_known_in_their_language(name: str, image: str) -> None:
    """R30: nothing in such an address tells of an image."""
    _, lines = read(f"SKU,{name},{image}\nC-1,Chair,{CDN}/1/front\n")
    assert told(lines) == [("1", "Chair", ("front",))]


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
        ("क्र. सं.", "उत्पाद का नाम", "चित्र लिंक"),
    ],
)
def test_a_list_is_known_by_its_header_where_the_addresses_tell_nothing(
    number: str, name: str, images: str
) -> None:
    """R30: they end as no file."""
    _, lines = read(f"{number},{name},{images}\n7,Chair,https://shop.example/media/11\n")
    assert told(lines) == [("7", "Chair", ("11",))]


@pytest.mark.parametrize(
    "name", ["Name 1", "ItemText.name1", "Artikelname 1", "Product name 1", "Bezeichnung 1"]
)
def test_the_first_of_several_columns_of_names_holds_the_names(name: str) -> None:
    """R30: as merchants' programs number them. Some were refused, others named by the images' files."""
    judged, lines = read(f"Artikelnummer,Name 2,{name},Bild\nA-1,rot,Stuhl,{A}\n")
    assert (judged.errors, [line["name"] for line in lines]) == ((), ["Stuhl"])
