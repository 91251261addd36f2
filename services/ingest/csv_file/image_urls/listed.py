"""How several image URLs stand in one cell: one after the other, or as a list of a programming language.

What it does not understand it leaves in one piece, and `url_fault` finds what is wrong with that: two
addresses are not taken for one, but where the second could as well be a part of the first (pure).
"""

import re
from collections.abc import Iterable

from pydantic_core import from_json

from services.ingest.csv_file.image_urls.cell import BLANK, address_starts, begins_address, is_label
from services.ingest.csv_file.image_urls.endings import IMAGE_ENDINGS

# Full-width, half-width and Arabic ones among them.
_SEPARATORS = ",;|\uff0c\u3001\uff1b\uff5c\uff64\u060c\u061b" + BLANK
_MARKS = '"\u201c\u201d'  # of quotations
_IS_SEPARATOR = frozenset(_SEPARATORS)
_JOINING_WORDS = frozenset(("and", "und", "et", "y", "e", "i", "en", "og", "och", "or", "oder", "ou"))
_CLOSING = {"[": "]", "{": "}", "(": ")", "<": ">"}
_OPENING = "".join(_CLOSING) + "\"'"
_QUOTED = re.compile(r""""(https?:[^"]*)"|'(https?:[^']*)'""", re.IGNORECASE)
# A text, which ends with the cell at the latest; and what JSON writes otherwise than Python and JavaScript.
_IN_OBJECT = re.compile(
    r"""
    "(?:[^"\\]|\\.?)*+(?:"|\Z)
    |'(?P<text>(?:[^'\\]|\\.?)*+)(?:'|\Z)
    |\b(?P<word>None|True|False)\b
    |\b(?P<key>[^\W\d]\w*+)(?=\s*+:)
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_JSON = {"None": "null", "True": "true", "False": "false"}
_FULL_STOP = re.compile(r"\.[A-Za-z]{3,4}\.$")
_CAPTION = " ! alt"  # as plugins of WooCommerce write: an address, ! alt : a caption ! title : another
_LABEL = "::"  # as Magmi writes behind the name of an image's file: front.jpg::Seen from the front
_BEHIND_NAME = re.compile(r"\((https?://[^()\s]+)\)(?=\s*(?:,|\Z))", re.IGNORECASE)
# As eBay has the pictures of variations: Red=https://…|https://…|Black/White=https://…, also
# Colour=Red:https://…
_WORDS = r"""(?: & |[^|;=:/?&#"<>]){1,80}(?:/(?: & |[^|;=:/?&#"<>.]){1,40})?"""
_VARIATION = re.compile(rf"(?:\A|[|;]){_WORDS}=(?:{_WORDS}[=:])?(?=https?://)", re.IGNORECASE)
_FURTHER_VARIATION = re.compile(rf"([|;]{_WORDS})=(?:{_WORDS}[=:])?(?=https?://)", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_IN_POINTS = re.compile(  # as people write a list, one address in each line
    r"(?:\A|[\r\n])[ \t]{0,8}(?:[-*\u2013\u2014\u2022\u00b7\u25aa\u25cf\u25e6]|\d{1,3}[.)])[ \t\u00a0]{1,8}(?=https?://)",
    re.IGNORECASE,
)
# As they write a list within a line: `1) https://…, 2) https://…`
_FURTHER_NUMBER = re.compile(r"[\s,;|]\d{1,3}[.)][ \t\u00a0]{1,8}(?=https?://)", re.IGNORECASE)
_BESIDE_QUOTED = re.compile(r"[\s,;|\[\](){}]*")


def split_urls(cell: str) -> list[str]:
    """The URLs of one cell, in order. A separator counts only where a new address begins after it."""
    cell = _trimmed(cell)
    if not cell:
        return []
    if cell[0] in _OPENING:
        return _of_list(cell)
    if cell[-1] in _MARKS:
        cell = _without_mark(cell)
    if "=" in cell and ("|" in cell or ";" in cell) and begins_address(cell):
        cell = _FURTHER_VARIATION.sub(_as_separator, cell)
    labelled = _of_labelled(cell)
    if labelled:
        return labelled
    if cell.find("://", len("https:")) == -1:
        return [_without_full_stop(cell) if cell[-1] == "." else cell]
    return _pieces(cell)


def begins_variation(cell: str) -> bool:
    """Whether what an image shows stands there before its address."""
    return _VARIATION.match(cell) is not None


def begins_point(cell: str) -> bool:
    """Whether a dash, a point or a number stands there before its address, as in a list."""
    return _IN_POINTS.match(cell) is not None


def _trimmed(cell: str) -> str:
    """Without what stands around its addresses and, in a list that people wrote, before each."""
    if "<" in cell:
        cell = _LINE_BREAK.sub("\n", cell)
    cell = cell.lstrip(_SEPARATORS)
    if cell[:4] != "http" or "\n" in cell or "\r" in cell:
        if begins_point(cell):
            cell = _FURTHER_NUMBER.sub("\n", cell)
        cell = _IN_POINTS.sub("\n", cell).lstrip(_SEPARATORS)
    if cell.startswith('c("'):
        cell = cell[1:]  # as R writes a list
    if "\\," in cell and cell[0] not in _OPENING:
        cell = cell.replace("\\,", ",").lstrip(_SEPARATORS)  # as WooCommerce writes a comma within an address
    return cell.rstrip(_SEPARATORS)


def _of_labelled(cell: str) -> list[str]:
    """Each with a caption or a label behind it, or before it what it shows or its file's name, as Airtable
    and Markdown write: `front.jpg (https://…)`.
    """
    if cell[:4] != "http" and begins_variation(cell):
        return _of_variations(cell)
    if _CAPTION in cell:
        return [piece.partition(_CAPTION)[0] for piece in _pieces(cell)]
    if _LABEL in cell:
        return [_without_label(piece) for piece in _pieces(cell)]
    if cell[-1] == ")" and "://" not in _BEHIND_NAME.sub("", cell):
        return _BEHIND_NAME.findall(cell)
    return []


def _of_variations(cell: str) -> list[str]:
    """All in one piece where something between two addresses was not understood."""
    pieces = _pieces(_VARIATION.sub("|", cell).lstrip("|"))
    if any("://" in piece[len("https://") :] or "|" in piece for piece in pieces):
        return [cell]
    return [_without_label(piece.partition(_CAPTION)[0]) for piece in pieces]


def _as_separator(found: re.Match[str]) -> str:
    """Of what an image shows, where the first one has nothing before its address."""
    address = found.string[found.string.rfind("://", 0, found.start()) : found.start()]
    return "|" if is_label(found[1], address) else found[0]


def _of_list(cell: str) -> list[str]:
    urls = _of_json(cell)
    if urls is not None:
        return urls
    urls = _of_quoted(cell)
    if urls:
        return urls
    inner = cell[1:-1].strip(_SEPARATORS) if cell[-1] == _CLOSING.get(cell[0]) else cell
    if not inner:
        return []
    return _pieces(inner if begins_address(inner) else cell)


def _of_json(cell: str) -> list[str] | None:
    try:
        value = from_json(cell)
    except ValueError:
        return _of_object(cell)
    return _stripped(_texts(value))


def _of_object(cell: str) -> list[str] | None:
    """Of Python or JavaScript, as Scrapy writes: `[{'url': 'https://…', 'path': 'full/1.jpg'}]`."""
    if "{" not in cell:
        return None
    try:
        return _stripped(_texts(from_json(_IN_OBJECT.sub(_in_json, cell))))
    except ValueError:
        return None


def _in_json(found: re.Match[str]) -> str:
    text, word, key = found["text"], found["word"], found["key"]
    if text is not None:
        mended = text.replace("\\'", "'").replace('"', '\\"')
        return f'"{mended}"'
    if word is not None:
        return _IN_JSON[word]
    return found[0] if key is None else f'"{key}"'


def _stripped(texts: Iterable[str]) -> list[str]:
    return [text for text in map(str.strip, texts) if text]


def _texts(value: object) -> list[str]:
    """The texts of a list; of an object the addresses, for it may hold a caption too."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    if isinstance(value, dict):
        texts = _texts(list(value.values()))
        return list(filter(begins_address, texts)) or texts
    return []


def _of_quoted(cell: str) -> list[str]:
    """As Python and JavaScript write it: nothing but the quoted addresses and what separates them."""
    if _BESIDE_QUOTED.fullmatch(_QUOTED.sub("", cell)) is None:
        return []
    found = (match[1] or match[2] for match in _QUOTED.finditer(cell))
    return [url.replace("\\/", "/").strip() for url in found]


def _pieces(cell: str) -> list[str]:
    begins = [start for start in address_starts(cell, 0) if start and cell[start - 1] in _IS_SEPARATOR]
    bounds = zip([0, *begins], [*begins, None], strict=True)
    pieces = [cell[start:end].rstrip(_SEPARATORS) for start, end in bounds]
    if any(mark in cell for mark in _MARKS):
        pieces = list(map(_without_mark, pieces))
    if " " in "".join(pieces):
        pieces[:-1] = map(_without_joint, pieces[:-1])
    if ". " in cell or cell[-1] == ".":
        pieces = [_without_full_stop(piece) for piece in pieces]
    return pieces


def _without_mark(piece: str) -> str:
    """Behind an address a quotation mark closes nothing, unless another one stands in it."""
    bare = piece.rstrip(_SEPARATORS + _MARKS)
    return bare if begins_address(piece) and not any(mark in bare for mark in _MARKS) else piece


def _without_full_stop(piece: str) -> str:
    """Of addresses that are written as sentences."""
    return piece[:-1] if _FULL_STOP.search(piece) else piece


def _without_label(piece: str) -> str:
    """An IPv6 address has the same sign, and a path may: it ends an address only behind an image's file."""
    address, _, label = piece.partition(_LABEL)
    return address if address.lower().endswith(IMAGE_ENDINGS) and "://" not in label else piece


def _without_joint(piece: str) -> str:
    """`a / b` and `a and b` are two addresses; what joins them is part of neither."""
    address, blank, joint = piece.rpartition(" ")
    if blank and (joint.lower() in _JOINING_WORDS or not any(map(str.isalnum, joint))):
        return address.rstrip(_SEPARATORS)
    return piece
