"""What the name of a column says of its cells, as shops and their programs spell it (pure)."""
# ruff: noqa: RUF001 - each of these letters is meant

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum

COMPARED_CHARACTERS, LOOKED_AT_CHARACTERS = 500, 80  # of a name
SHORTEST_NAME, LONGEST_NAME = 5, 40  # only such names are compared when a column may be misspelt
NEAR, VERY_NEAR = 0.8, 0.85
OUTPUT = "output"  # as we name the column that we add
LOOKED_AT_COLUMNS = 50  # for one whose name is nearly right


class NeededColumn(StrEnum):
    """The columns every file must have, as the canonical header spells them."""

    SERIAL_NUMBER = "S. No."
    PRODUCT_NAME = "Product Name"
    IMAGE_URLS = "Input Image Urls"


STAND_INS = (
    "skuname",
    "nomesku",
    "modelname",
    "productsku",
    "sku",
    "productid",
    "handle",
    "handleid",
)  # for names, where there are none
# As `plain` makes them. The first one that is found wins: of "Product Name" and "SKU" the former holds names.
SPELLINGS: Mapping[NeededColumn, Sequence[str]] = {
    NeededColumn.SERIAL_NUMBER: (
        *("sno", "serialnumber", "serialno", "srno", "slno", "serial", "snumber", "sn", "no", "nr"),
        *("number", "#", "n", "rownumber", "rowno", "lfdnr", "laufendenummer", "nummer"),
        *("numero", "lp", "номер", "noпп", "序号", "序號", "番号", "번호", "순번", "رقم", "الرقم", "מספר"),
        *("sira", "sirano", "stt", "cislo", "sorszam", "nrcrt", "redbr", "αα", "nourut", "ลาดบ"),
        *("ssz", "nro", "zapst", "porc", "poradovecislo", "lopenr", "lobenr"),
        *("करस", "करमस", "करमक", "करमसखय"),  # not what क्र. becomes, which is the word for a tax
    ),
    NeededColumn.PRODUCT_NAME: (
        *("productname", "product", "name", "producttitle", "title", "itemname", "itemtitle", "item"),
        *("subject", "nameofproduct", "articlename", "article", "posttitle", "produktname", "artikelname"),
        *("artikelbezeichnung", "bezeichnung", "titel", "nomduproduit", "nom", "titre"),
        *("designation", "nombre", "titulo", "nome", "titolo", "naam", "productnaam", "nazwa"),
        *("商品名称", "商品名稱", "商品名", "商品标题", "商品標題", "产品名称", "品名", "名称", "标题"),
        *("название", "наименование", "названиетовара", "назва", "назватовару", "상품명", "제품명", "품명"),
        *("اسمالمنتج", "المنتج", "الاسم", "שםמוצר", "שםהמוצר", "urunadi", "urun", "tensanpham", "ชอสนคา"),
        *("nazev", "nazov", "nazevproduktu", "termeknev", "megnevezes", "denumire", "naziv", "όνομα"),
        *("produktnamn", "benamning", "produktnavn", "varenavn", "navn", "tuotenimi", "nimi", "namaproduk"),
        *("nomproduit", "libelle", "nomeprodotto", "nomedoproduto", "nazwaproduktu", "tytul", "tytuloferty"),
        *("produkttitel", "produktbezeichnung", "artikeltitel", "libelleproduit", "nombredelproducto"),
        *("nombredeproducto", "nombreproducto", "製品名", "उतपदकनम", "sanpham", "ten", "tuote"),
        *("nazwatowaru", "maktx", "materialkurztext", "denumireprodus", "termekneve", "όνομαπροϊόντοσ"),
        *("имя", "наименованиетовара", "названиепозиции", "назвапозиції", "названиетовараилиуслуги", "име"),
        *("назив", "isim", "namn", "nume", "jmeno", "nimetus", "nosaukums", "pavadinimas", "ime"),
        *("namabarang", "tensp", "tenhang", "tenhanghoa", "nomcommercial", "nomeproduto", "objekttitel"),
        *("nameproduct", "libellecourt", "libellelong", "booktitle", "productdisplayname"),
        *("namedefault", "translationsdefaultname", "numeprodus", "offertitle", "offername"),
        *("nombredelarticulo", "nomearticolo", "artikelnaam", "nomdelarticle", "urunismi", "نامکالا"),
        *("名前", "產品名稱", "名稱", "宝贝名称", "이름", "등록상품명"),
        *("اسم", "أسمالمنتج", "نام", "ناممحصول", "שם"),
        *("nazevvyrobku", "nazovvyrobku", "nazovproduktu", "nazovtovaru", "imeizdelka", "tuotteennimi"),
        *("nazivproizvoda", "именапродукта", "наименованиенапродукта"),
        *("prekespavadinimas", "precesnosaukums", "tootenimi", "tootenimetus", "დასახელება"),
        *("անվանում", "անուն", "পণযরনম", "নম", "የምርትስም", "ስም"),
        # Beside the names above these may hold numbers.
        *("artikel", "produkt", "produit", "producto", "articulo", "prodotto", "articolo"),
        *("produto", "товар", "商品", "产品", "產品", "品目", "제품", "상품"),
        *STAND_INS,
    ),
    NeededColumn.IMAGE_URLS: ("inputimageurls", "imageurls", "images", "imagelinks", "imagesrc", "pictures"),
}
# The needed name itself in other letters: to take such a column is no assumption.
CERTAIN: Mapping[NeededColumn, frozenset[str]] = {
    NeededColumn.SERIAL_NUMBER: frozenset({"sno", "serialnumber", "serialno", "srno", "slno"}),
    NeededColumn.PRODUCT_NAME: frozenset({"productname"}),
    NeededColumn.IMAGE_URLS: frozenset({"inputimageurls", "inputimageurl", "imageurls", "imageurl"}),
}
# They number the rows where they are whole. The column without a name is the index that pandas writes.
IDENTIFIERS = (
    *("artikelid", "produktid", "idproduct", "idproduit"),
    *("id", "itemno", "itemnumber", "itemnr", "itemid", "articleno", "articlenumber", "artikelnummer"),
    *("artikelnr", "artnr", "productid", "productno", "productnumber", "productcode", "listingid", "offerid"),
    *(
        "sku",
        "itemsku",
        "sellersku",
        "contributionsku",
        "variantsku",
        "customlabel",
        "reference",
        "ref",
        "code",
        "gtin",
        "ean",
    ),
    *("upc", "isbn", "barcode", "index", "unnamed0", ""),
)
# People number rows in such a column; programs, as Business Central, keep codes of articles in it: then it is
# an identifier as those above.
CODES_TOO = (
    *("no", "nr", "number", "nummer", "numero", "номер", "番号", "번호", "رقم", "الرقم"),
    *("מספר", "cislo", "nro"),
)
# Rows of one product have the same of these: the further ones may leave its name out.
GROUPS = ("handle", "handleid", "urlhandle", "itemgroupid", "parentsku", "parent")

_PAGES = (
    "link",
    "links",
    "permalink",
    "producturl",
    "productlink",
    "pageurl",
    "pagelink",
    "producturls",
    "canonicalurl",
)


# "g:title", "Image URLs (x,y,z...)", "item_name[language_tag=en_US]#1.value"
_ASIDE = re.compile(r"^g:|\([^()]{0,60}\)|\[[^\[\]=]{1,60}=[^\[\]]{0,60}\]|#\d+\.\w+$")
_OF_SHOPEE = re.compile(r"((?:ps|et)_\w+)(?:\|\d{1,2}){2}\s*")  # "ps_item_cover_image|0|3"

_NOT_COMPOSED = str.maketrans("ıłđø", "ildo")  # Unicode takes no accent from these


def plain(name: str) -> str:
    """The name without case, spaces, dots, accents and the like, which do not tell columns apart: programs
    write `obrazek_zbozi` where people write `Obrázek zboží`.
    """
    begin = name[:COMPARED_CHARACTERS]
    folded = unicodedata.normalize("NFKC", begin).casefold()
    letters = "".join(filter(str.isalnum, folded))
    if not letters.isascii():
        letters = "".join(map(_without_accent, letters)).translate(_NOT_COMPOSED)
    return letters or begin.strip()


def _without_accent(character: str) -> str:
    """Of a Latin letter: other scripts tell letters apart by what stands above them."""
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character


_TITLE = re.compile(
    r"\w{0,10}(?:product|item|article)(?:name|title)"
    r"|(?:[a-z]{1,2})?(?:products?|item|article|listing|post)?(?:name|title|titel)(?:short|long|full|[a-z]{2}|[a-z]{4})?"
    r"|(?:v?products?|item|itemtext|produkt|artikel)?(?:name|title|titel|bezeichnung)1?"
)


def is_title(name: str) -> bool:
    """Whether it holds a name in some language or length, or the first of several: `NL_Title_Short`,
    `name_en`, `title-de_DE`, `Name 1`.
    """
    return _TITLE.fullmatch(bare(name)) is not None


def bare(name: str) -> str:
    """The plain name without what is said in brackets."""
    return plain(without_aside(name))


def without_aside(name: str) -> str:
    text = name[:LOOKED_AT_CHARACTERS]
    of_shopee = _OF_SHOPEE.fullmatch(text)
    return _ASIDE.sub("", text) if of_shopee is None else of_shopee[1]


def holds_pages(name: str) -> bool:
    return bare(name) in _PAGES


def nearest_column(needed: NeededColumn, columns: Sequence[str], nearness: float = NEAR) -> str | None:
    """The column, one of the first, whose name is nearly a known one. Short names are not compared: too many
    are near them.
    """
    names = {
        plain(column)[:LONGEST_NAME]: column
        for column in columns[:LOOKED_AT_COLUMNS]
        if not plain(column).startswith(OUTPUT)
    }
    for spelling in (spelling for spelling in SPELLINGS[needed] if len(spelling) >= SHORTEST_NAME):
        for near in get_close_matches(spelling, names, n=1, cutoff=nearness):
            return names[near]
    return None
