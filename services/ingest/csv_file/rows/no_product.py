"""Recognises rows that are no products: totals, notes, the header again, lines of dashes, what is said of the
columns (pure).
"""

import re
from collections.abc import Callable, Sequence

from services.ingest.csv_file.header.column_names import SPELLINGS, NeededColumn, is_title, plain
from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.header.image_names import image_column
from services.ingest.csv_file.header.sample import is_line
from services.ingest.csv_file.image_urls.cell import BLANK, begins_address
from services.ingest.csv_file.image_urls.hints import is_attempt
from services.ingest.csv_file.rows.row import Assumption, BadRow, Product
from services.ingest.csv_file.serial_numbers import WHOLE_NUMBER

LOOKED_AT_CHARACTERS = 100  # of a cell
EXPLAINING_ROWS = 3  # as many as templates have: beyond them stand products
EXPLANATION_CHARACTERS = 2_000  # looked at
SENTENCE_CHARACTERS = 7  # where words are not written apart, as in 请输入图片链接

_COUNTED = r"(?:products?|items?|rows?|images?|pictures?|pieces?|pcs|artikel|produkte|bilder|stück|件|个|個)"
_TOTAL = re.compile(
    r"(?:grand|sub)?[\s-]?(?:totals?|sum|summary|summe|gesamt|gesamtsumme|zwischensumme|somme|suma|totale|totaal"
    rf"|razem|итого|всего|合計|小計|总计|總計|합계)(?:\s(?:of\s)?{_COUNTED})?[\s:=]*[\d.,\s]*{_COUNTED}?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3}")
_COUNT = re.compile(rf"[\d.,\s]*{_COUNTED}?", re.IGNORECASE)

# As templates of marketplaces have it below their header, of which the second is Mirakl's.
_SAID_OF_COLUMNS = re.compile(
    r"(?:string|text|char|varchar|number|alphanumeric|url|link|media\d{0,2}|(?:conditional(?:ly)?)?(?:required|mandatory)"
    r"|optional|recommended|pflicht|pflichtfeld|obligatoire|facultatif|(?:condicional)?obligatori[oa]|opcional"
    r"|(?:condicional)?obrigatori[oa]|obbligatori[oa]|facoltativ[oa]|wajib|opsional|(?:khong)?batbuoc|[非选選]?必填|选填"
    r"|(?:не)?(?:обязательное?|обязательный|обязательная)(?:поле)?|verplicht|optioneel|wymagan[aey]|opcjonaln[aey]"
    r"|zorunlu|istegebagli|opsiyonel|選填|必須|任意|필수|선택|จาเปนตองใส|ไมบงคบ)"
)

# What stands behind it shows how an address looks: `Main image, e.g. https://…`.
_EXAMPLE = re.compile(
    r"(?<![\w./-])(?:e\.\s?g\.|(?:examples?|beispiel|ejemplo|exemple|exemplo|esempio|voorbeeld|przykład|örnek|contoh"
    r"|пример|например)\b|z\.\s?B\.)|例如|例\s?[:\uff1a]",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"(?:[A-Z]{3}|[€$£¥%])?[-+\d.,'\s]*(?:[A-Z]{3}|[€$£¥%])?")


class NoProducts:
    """Of one file, whose rows come in their order."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._said_row = 0  # the last one that says something of the columns
        self._explaining = 0

    def kept(self, bad: BadRow) -> Product | None:
        """The row, to be kept as it is, if it is such a one."""
        instead = self._instead(bad)
        if instead is Assumption.SAID_OF_COLUMNS:
            self._said_row = bad.row
        return None if instead is None else _kept(bad, instead)

    def _instead(self, bad: BadRow) -> Assumption | None:
        if _is_header_again(bad.cells, self._header):
            return Assumption.HEADER_AGAIN
        if is_line(bad.cells):
            return Assumption.LINE
        if _is_total(bad.cells, self._header):
            return Assumption.TOTAL
        if _is_said_of_columns(bad.cells, self._header, _says_of_a_column) or self._explains(bad):
            return Assumption.SAID_OF_COLUMNS
        if _is_note(bad.cells, self._header):
            return Assumption.NOTE
        return None

    def _explains(self, bad: BadRow) -> bool:
        """Right below what says something of the columns, where the first few may."""
        if bad.row - 1 != self._said_row or self._explaining == EXPLAINING_ROWS:
            return False
        explains = _is_said_of_columns(bad.cells, self._header, _explains_a_column)
        self._explaining += explains
        return explains


def _is_header_again(cells: Sequence[str], header: Header) -> bool:
    return list(map(plain, cells)) == list(map(plain, header.columns))


def _is_said_of_columns(cells: Sequence[str], header: Header, says: Callable[[str], bool]) -> bool:
    """Their codes, what kind each is of, which are required, or what to fill in: where the name and the
    images stand, and no whole number.
    """
    if header.is_our_own or header.product_name is None:
        return False
    texts = [cell[:EXPLANATION_CHARACTERS].strip(BLANK) for cell in cells]
    if header.serial_number is not None and WHOLE_NUMBER.fullmatch(texts[header.serial_number]):
        return False
    images = [texts[index] for index in header.image_urls if texts[index]]
    return bool(images) and all(map(says, (texts[header.product_name], *images)))


def _says_of_a_column(text: str) -> bool:
    word = plain(text)
    if _SAID_OF_COLUMNS.fullmatch(word) or word in SPELLINGS[NeededColumn.PRODUCT_NAME]:
        return True
    return is_title(text) or image_column(text) is not None


def _explains_a_column(text: str) -> bool:
    """A sentence does, `Please enter the image's URL`, which is no attempt at an address."""
    is_sentence = text.count(" ") > 1 or (len(text) >= SENTENCE_CHARACTERS and not text.isascii())
    said = _EXAMPLE.split(text, maxsplit=1)[0].strip()
    return (is_sentence or _says_of_a_column(text)) and not (said and is_attempt(said))


def _is_note(cells: Sequence[str], header: Header) -> bool:
    """One text alone at the row's begin: the heading of a part, or who made the list."""
    first, *others = (cell.strip(BLANK) for cell in cells)
    if header.is_our_own or begins_address(first):
        return False
    return _WORD.search(first) is not None and not any(others)


def _is_total(cells: Sequence[str], header: Header) -> bool:
    """A cell says so, or there are amounts alone; and neither an image nor a product's own number or name."""
    texts = [cell[:LOOKED_AT_CHARACTERS].strip(BLANK) for cell in cells]
    if any(texts[index] for index in header.image_urls):
        return False
    number, name = (
        "" if index is None else texts[index] for index in (header.serial_number, header.product_name)
    )
    if not number and not name and all(map(_AMOUNT.fullmatch, texts)):
        return True
    if not any(map(_TOTAL.fullmatch, texts)) or (number and not _TOTAL.fullmatch(number)):
        return False
    return bool(_TOTAL.fullmatch(name) or _COUNT.fullmatch(name))


def _kept(bad: BadRow, instead: Assumption) -> Product:
    assumed = (*bad.assumed, instead)
    return Product(
        row=bad.row, serial_number="", name="", cells=bad.cells, urls=(), spilled=False, assumed=assumed
    )
