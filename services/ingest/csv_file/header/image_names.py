"""Whether by its name a column holds images, and in which order it does (pure)."""

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from services.ingest.csv_file.header.column_names import bare, without_aside


class ImageKind(IntEnum):
    """How surely a column holds images: only the surest kind that a header has is read."""

    PLAIN_URL = 1  # "URL" may be the address of the product's page
    IMAGE = 2
    INPUT = 3  # spelled as in our own header: beside it an image column is an extra one


class ImageColumn(NamedTuple):
    kind: ImageKind
    stem: str
    number: int  # the fourth of "Image 4"; 0 for none


_IMAGE = re.compile(
    r"""
    (?P<which>(?:
        input|products|product|item|sku|article|artikel|produkt|offer|listing|variant|variation|parent|child|main
        |primary|base|default|cover|hero|haupt|featured|feature|additional|other|extra|more|further|secondary|weitere
        |alternate|alternative|first|second|third|hosted|gallery|media|catalog|swatch|small|medium|large|big|full
        |size|thumbnail|thumb|original|source|front|back|side|top|bottom|left|right|detail|zoom|lifestyle|web|cdn
        |highres|all|detailed|internal|external|g|psitem|p|url|link|src|商品|产品|產品|详情|代表|대표|추가
        |lien|enlace|dell|dela|del|de|da|do|hoofd|hoved|huvud|paa|ana|メイン|основное|основная|главное|главная
        |ссылкана|ссылкина|ссылка|ссылки|посиланняна|посилання|дополнительные|дополнительное|додаткові|urun
        |линккъм|لینک|preview|ie|alt|colour|color|style|model|mobile|desktop|current|supplemental|supplementary|linkto|urlof
        |[1-9](?:st|nd|rd|th)|galerie|autres|autre|liensdes|des|enlaces|links|otras|otra|outras|outra|rutade
        |altre|altra|zusatz|titel|vorschau|grosses|linkzum|urlzum|aanvullende|overige|linknaar|linkido|das|weiteres|merchant|aw|carousel|vproducts|fourth|サムネイル
        |adres|hlavni|dalsi|odkazna|alternativni|hlavny|dalsie|fo|tovabbi|termek|glavna|dodatne|доп|детальная
        |путьк|основне|головне|основна|допълнителни|ek|kapak|diger|ovriga|ekstra|flere|tuote|lisa|κύρια|επιπλέον
        |σύνδεσμοσ|主|附|副|首|轮播|橱窗|细节|白底|缩略|封面|更多|变体|款式|サブ|追加|詳細|トップ|拡大|普通|縮小|상세|목록|상품|메인
        |기본|제품|확대|رابط|روابط|קישור|קישורל|povezavado|ลงก|मखय|property\d|規格
        |promotion|whitebackground|whitebkg|дополнительная|дополнительную|главную|основную|glowne|glowna|dodatkowe
        |dodatkowa|prekes|produkto|preces|produkta|toote|পণযর|የምርት|የ|colorblock|square|palette|clean
    ){0,9})
    (?P<what>
        images|image|imgs|img|pictures|picture|pics|pic|photos|photo|thumbnails|thumbnail|fotos|foto|bilder|bild
        |abbildungen|abbildung|immagini|immagine|imagenes|imagen|imagens|imagem|afbeeldingen|afbeeldings
        |afbeelding|zdjecia|zdjecie|zdjec|obrazek|billeder|billede|billed(?=[a-z])|bilde|kuvan|kuva|kep|resim|изображения
        |изображение|картинка|фотографии|фото|фотографія|зображення|画像|写真|图片|圖片|主图|图像|图|이미지|사진
        |gambar|hinhanh|anh|صورة|صور|תמונה|תמונות|gorsel|gorseli|gorseller|resmi|resimler|εικόνα|εικόνεσ|slika
        |slike|poza|poze|imagine|imagini|obrazky|obrazok|kepek|kuvat|รปภาพ|visuels|visuel|visual(?=\d|url|link)|छव
        |obraz|obrazy|obrazki|снимка|снимки|الصورة|الصور|تصویر|تصاویر|عکس|عکسها|主圖|照片
        |obrazku|obrazka|fotografie|изображению|картинки|картинку|фотография|світлини|світлина|gorselleri|fotograflar
        |fotograf|εικόνασ|φωτογραφίεσ|φωτογραφία|圖|サムネイル|썸네일|תמונת|hinh|รป|ภาพ|चतर
        |фотографию|фотографий|fotografia|fotografias|fotka|fotky|imatges|imatge|nuotraukos|nuotrauka|paveikslelis|paveiksleliai|attels|atteli
        |attela|pildid|pildi|pilt|səkil|səkilləri|səkillər|სურათი|სურათები|ფოტო|նկար|նկարներ|լուսանկար|ছবর?|ইমজ|চতর|ምስሎች|ምስል|ፎቶዎች|ፎቶ
    )
    (?P<inner>\d{0,4})
    (?P<where>(?:
        urls|url|uris|uri|links|link|src|sources|source|href|https|http|addresses|address|adressen|adresse|paths
        |path|pfad|パス|files|file|locator|location|media|list|web|linki|linkki|lank|adress|lenke|datei|の
        |osoite|osoitteet|लक|লক|লঙক|ሊንክ|አድራሻ|nuoroda|nuorodos|saite|saites|lingid
        |链接|地址|网址|鏈接|連結|網址|リンク|링크|주소
    )*)
    (?:de|du|del|des|of|the|do|da|di|для)?
    (?P<view>(?:
        products|product|produkt|produk|produit|producto|produto|prodotto|article|artikel|item|main|principal|principale
        |front|back|side|top|bottom|left|right|full|large|big|medium|small|original|zoom|detail|hover|destacada
        |glowne|utama|المنتج|товаров|товара|товару|produktu|sanpham|dodatkowe|primary|extra|additional|alternate
        |other|highres|hires|hd|secondaire|supplementaire|supplementaires|complementaire|complementaires|additionnelle|additionnelles
        |adicionales|adicional|adicionais|secundaria|externas|externa|destaque|capa|copertina|aggiuntiva
        |aggiuntive|secondaria|hauptbild|gross|klein|glowny|principala|suplimentare|produs|proizvoda
        |анонса|напродукта|προϊόντοσ|الرئيسية|إضافية|الإضافية|ראשית|נוספות|מוצר|המוצר|daidien|chinh|bia|phu|sampul
        |สนคา|หลก|ปก|pervariation|porvariacao
        |(?<=url)alternative|основное|основная|главное|главная|дополнительное|дополнительные|glowna|dodatkowa
    ){0,2})
    (?P<last>\d{0,4})
    """,
    re.VERBOSE,
)
_PLAIN_URL = re.compile(r"(?P<which>(?:input)?)(?:urls?)(?P<last>\d{0,4})")
_DELIMITERS = re.compile(r"[,;\t|]")  # then it is two names, read under another delimiter


def image_column(name: str) -> ImageColumn | None:
    """What image the column holds, by its name; None when by its name it holds none."""
    text = "" if _DELIMITERS.search(without_aside(name)) else bare(name)
    image = _IMAGE.fullmatch(text)
    if image is not None:
        kind = ImageKind.INPUT if image["which"].startswith("input") else ImageKind.IMAGE
        stem = image["which"] + image["what"].removesuffix("s") + image["where"].removesuffix("s")
        stem += image["view"]
        return ImageColumn(kind, stem, int(image["last"] or image["inner"] or 0))
    url = _PLAIN_URL.fullmatch(text)
    if url is not None:
        kind = ImageKind.INPUT if url["which"] else ImageKind.PLAIN_URL
        return ImageColumn(kind, "url", int(url["last"] or 0))
    return None


def image_columns(names: Sequence[str]) -> tuple[int, ...]:
    """The columns that hold images, in the order in which they are meant."""
    images = {index: image for index, name in enumerate(names) if (image := image_column(name)) is not None}
    surest = max((image.kind for image in images.values()), default=None)
    return _in_order({index: image for index, image in images.items() if image.kind is surest})


def _in_order(images: Mapping[int, ImageColumn]) -> tuple[int, ...]:
    """As they stand; but a program that sorts by name writes Image 10 before Image 2."""
    of_stem: dict[str, list[int]] = {}
    for index, image in images.items():
        of_stem.setdefault(image.stem, []).append(index)
    numbered = {
        stem: iter(sorted(indexes, key=lambda index: images[index].number))
        for stem, indexes in of_stem.items()
    }
    return tuple(next(numbered[image.stem]) for image in images.values())
